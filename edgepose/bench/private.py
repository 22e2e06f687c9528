"""Takes out of a file that is sent away what is nobody's business: names of host and user, folders, serial numbers."""

import getpass
import os
import re
import socket
from pathlib import Path

#: Files with numbers that are this machine's alone, below a root; of all but the first two the whole text.
_NUMBERS = ("sys/class/net/*/address", "proc/device-tree/serial-number", "etc/machine-id", "sys/class/dmi/id/*_serial",
            "sys/class/dmi/id/product_uuid")
_SERIAL = re.compile(r"^Serial\s*:\s*(\S+)", re.MULTILINE)
_ADDRESS = re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE)
#: An absolute path; those of the system itself may stay, the others have a user's folders in them.
_PATH = re.compile(r"(?<![\w.~/-])/\w[^\s,;:'\")]*")
_OF_THE_SYSTEM = re.compile(r"/(?:proc|sys|dev|usr|etc|lib|boot|run/edgepose|var/lib/(?:edgepose|nvpmodel))(?:/|$)")
#: Names that any board's first user and host have
_USUAL = {"root", "pi", "user", "admin", "ubuntu", "debian", "nvidia", "jetson", "edgepose", "localhost", "raspberrypi",
          "jetson-nano", "nano", "orin"}
_LEAST = 3  # letters; a shorter word is no secret, and stands everywhere


def redact(value, secrets, names):
    """The same of JSON without what is private; packed samples stay as they are.

    Parameters
    ----------
    value : whatever JSON holds
    secrets : texts that are taken out wherever they stand
    names : texts that are taken out where they are words of their own
    """
    if isinstance(value, dict):
        return {key: found if key == "zlib" else redact(found, secrets, names) for key, found in value.items()}
    if isinstance(value, list):
        return [redact(found, secrets, names) for found in value]
    return _redact_text(value, secrets, names) if isinstance(value, str) else value


def _redact_text(text, secrets, names):
    for secret in secrets:
        text = re.sub(re.escape(secret), "(number)", text, flags=re.IGNORECASE)
    text = _ADDRESS.sub("(address)", text)
    text = _PATH.sub(lambda found: found[0] if _OF_THE_SYSTEM.match(found[0]) else "(path)", text)
    for name in names:
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "(name)", text)
    return text


def secrets(root="/"):
    """Serial numbers, identities and hardware addresses of this machine, as far as they can be read."""
    root = Path(root)
    texts = [_read(path).strip("\0\n ") for pattern in _NUMBERS for path in sorted(root.glob(pattern))]
    texts += _SERIAL.findall(_read(root / "proc/cpuinfo"))
    return sorted({text for text in texts if len(set(text.replace(":", ""))) > 2 and len(text) > 5})  # no 00000000


def _read(path):
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def names():
    """What this host and its users are called, but for names that are everybody's."""
    host = socket.gethostname()
    found = {host, host.partition(".")[0], os.environ.get("SUDO_USER", ""), os.environ.get("USER", ""), _user()}
    return sorted(name for name in found if len(name) >= _LEAST and name.lower() not in _USUAL)


def _user():
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
