"""Kinds of values that name a place in the network."""

import re
from ipaddress import ip_address

from edgepose.toml.kinds import Kind, text

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")
_TOPIC = re.compile(r"[^\x00-\x1f\x7f+#]{1,100}")


def listen():
    """HOST:PORT to listen on."""
    return Kind('HOST:PORT such as "127.0.0.1:8420", "0.0.0.0:8420" or "[::1]:8420"', _read_listen)


def _read_listen(value):
    split_listen(value)
    return value


def split_listen(value):
    """(host, port) of HOST:PORT; ValueError where it is none."""
    host, colon, port = value.rpartition(":") if type(value) is str else ("", "", "")
    if not colon or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65535:
        raise ValueError
    if host.startswith("[") and host.endswith("]") and _is_address(host[1:-1]):
        return host[1:-1], int(port)
    if not _HOST.fullmatch(host):
        raise ValueError
    return host, int(port)


def _is_address(host):
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_local(host):
    """Whether only this machine can reach what listens there."""
    return ip_address(host).is_loopback if _is_address(host) else host.lower() == "localhost"


def host():
    """A host's name or address."""
    return Kind("a host's name or address", _read_host)


def _read_host(value):
    if type(value) is not str or not (_HOST.fullmatch(value) or _is_address(value)):
        raise ValueError
    return value


def web_address():
    """An http:// or https:// address, which may be a secret in itself."""
    return text("an address such as https://host/path", r"https?://[^\s/?#\x00-\x1f\x7f]+[^\s\x00-\x1f\x7f]*", 2000,
                secret=True)


def discovery():
    """The first part of topics, or false for None."""
    return Kind('the first part of the topics that Home Assistant listens to, usually "homeassistant", or false',
                _read_discovery)


def _read_discovery(value):
    if value is False:
        return None
    if type(value) is not str or not _TOPIC.fullmatch(value):
        raise ValueError
    return value
