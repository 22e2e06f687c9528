"""Passwords of the web page: only what scrypt made of them is kept."""

import base64
import binascii
import hashlib
import hmac
import os
import re

#: Cost of one guess: N, r, p. 16 MiB, so that a small board can check one, five times over, so that guessing is dear;
#: one of the settings that OWASP's Password Storage Cheat Sheet holds for equal.
COST = (1 << 14, 8, 5)
_SALT_BYTES, _HASH_BYTES = 16, 32
_FORM = re.compile(r"scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/=]{8,})\$([A-Za-z0-9+/=]{8,})")
_MOST_BYTES = 1 << 28  # what checking one may take of memory, whoever wrote the hash


def hash_password(text):
    """What stands for a password in the config: `scrypt$N$r$p$salt$hash`, another one every time.

    Raises
    ------
    ValueError : it is empty
    """
    if not text:
        raise ValueError("a password cannot be empty")
    salt = os.urandom(_SALT_BYTES)
    found = _scrypt(text, salt, COST, _HASH_BYTES)
    return "$".join(["scrypt", *map(str, COST), _as_text(salt), _as_text(found)])


def matches(text, hashed):
    """Whether this is the password that was hashed; takes the same time whichever part is wrong.

    Notes
    -----
    Some tenths of a second on a small board, during which other threads run on.
    """
    cost, salt, wanted = _take_apart(hashed)
    return hmac.compare_digest(_scrypt(text, salt, cost, len(wanted)), wanted)


def is_hash(hashed):
    """Whether `matches` can read it."""
    try:
        _take_apart(hashed)
    except ValueError:
        return False
    return True


def _take_apart(hashed):
    """(cost, salt, hash); ValueError where it is none of ours."""
    found = _FORM.fullmatch(hashed)
    if found is None:
        raise ValueError("not a password hash; `edgepose daemon --hash-password` makes one")
    n, r, p = (int(number) for number in found.groups()[:3])
    if n < 2 or n & (n - 1) or not (1 <= r and 1 <= p <= 16) or _memory_bytes(n, r, p) > _MOST_BYTES:
        raise ValueError("not a password hash: its cost is out of range")
    return (n, r, p), _as_bytes(found[4]), _as_bytes(found[5])


def _scrypt(text, salt, cost, n_bytes):
    n, r, p = cost
    return hashlib.scrypt(text.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, dklen=n_bytes,
                          maxmem=_memory_bytes(n, r, p) + (1 << 20))


def _memory_bytes(n, r, p):
    return 128 * r * (n + p + 2)


def _as_text(data):
    return base64.b64encode(data).decode("ascii")


def _as_bytes(text):
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not a password hash: {error}") from error
