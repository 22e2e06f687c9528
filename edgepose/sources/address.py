"""How a user names a source: parameters behind it, and a password in it that nobody must see."""

import re

from edgepose.errors import SourceError

_SECRET_PARAMETER = re.compile(r"((?:pass|passw|passwd|password|pwd|token|secret|apikey|auth)=)[^&/#]*", re.IGNORECASE)


def mask_password(address):
    """The address with `***` for the password, wherever cameras put one.

    Notes
    -----
    A password may hold `@`, `/` and `:` itself, so all from the user's name to the last `@` counts as one.
    """
    scheme, found, rest = address.partition("://")
    if not found:
        return address
    login, at, host = rest.rpartition("@")
    if at and ":" in login and not _is_port(login):
        rest = f"{login.partition(':')[0]}:***@{host}"
    return scheme + "://" + _SECRET_PARAMETER.sub(r"\1***", rest)


def _is_port(login):
    """Whether this is `host:port/…` of an address whose path holds an `@`, and no login."""
    return re.match(r"[^:@/]+:\d{1,5}/", login) is not None


def split_parameters(spec, readers):
    """Split `thing?key=value&key=value`.

    Parameters
    ----------
    spec : str
    readers : dict of key to a function that reads its text and raises ValueError

    Returns
    -------
    str, the thing; dict of key to value for those that were given

    Raises
    ------
    SourceError : a key that is not known, a value that cannot be read
    """
    thing, _, query = spec.partition("?")
    pairs = [part.partition("=") for part in query.split("&") if part]
    return thing, {key: _read_value(spec, key, text, readers) for key, _, text in pairs}


def _read_value(spec, key, text, readers):
    if key not in readers:
        raise SourceError(f"{spec}: {key!r} is not known behind the '?'; one of {', '.join(readers)}")
    try:
        return readers[key](text)
    except ValueError:
        raise SourceError(f"{spec}: {key}={text} cannot be read") from None
