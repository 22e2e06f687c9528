"""Where the server listens, and under which names a browser may call it."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from edgepose.errors import ConfigError

LOCAL = "localhost"


@dataclass(frozen=True)
class Address:
    """What `web.listen` says: a host and a port; port 0 is any that is free."""

    host: str
    port: int

    @property
    def local(self):
        """Whether only this machine can reach it."""
        return is_local(self.host)


def read_address(listen):
    """The Address of a text such as "127.0.0.1:8420" or "[::]:8420"; ConfigError where it is none."""
    try:
        parts = urlsplit(f"//{listen}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.netloc != listen:
        raise ConfigError(f"web.listen: {listen!r} is no address; give a host and a port, such as 127.0.0.1:8420")
    return Address(host, port)


def check_password(address, settings):
    """ConfigError where somebody else could call the page and no password stops them."""
    if settings.password is not None:
        return
    away = [name for name in settings.names if not is_local(name)]
    if not address.local or away:
        raise ConfigError(
            f"web.password: {away[0] if address.local else settings.listen} lets others in, so the page needs a"
            " password; `edgepose daemon --hash-password` makes the line, or listen on 127.0.0.1 alone")


def is_local(host):
    """Whether a host's name or number is this machine for this machine alone."""
    number = _number(host)
    return host.lower() == LOCAL if number is None else number.is_loopback


def _number(host):
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


class Hosts:
    """The names under which the page may be called.

    Parameters
    ----------
    address : Address, where the server listens
    names : tuple of str, further names, from the configuration

    Notes
    -----
    A page elsewhere that points its own name at this machine (DNS rebinding) comes with that name, so unknown names
    are refused. A number cannot be pointed anywhere: all are fine where the server listens beyond this machine.
    """

    def __init__(self, address, names=()):
        own = socket.gethostname().lower()
        away = set() if address.local else {own, f"{own}.local", address.host.lower()}
        self._names = {LOCAL, *away, *(name.lower() for name in names)}
        self._any_number = not address.local

    def knows(self, host):
        """Whether a request's Host header, which may hold a port, is ours."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        number = _number(name)
        return name in self._names or (number is not None and (self._any_number or number.is_loopback))


def same_origin(origin, host):
    """Whether an Origin header is a page that came from the Host that is called."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc.lower() == host.lower()
