"""Tells systemd how the daemon is: ready, reloading, alive, stopping. Does nothing where systemd did not start it."""

import os
import socket
import time

_WAIT_S = 1.0  # for what must arrive; a sign of life waits for nobody


class Systemd:
    """The other end of `Type=notify`, as sd_notify(3) and sd_watchdog_enabled(3) describe it.

    Parameters
    ----------
    environ : mapping, where systemd says what it wants

    Attributes
    ----------
    watchdog_s : float or None, without a sign of life for so long the daemon is killed and started anew

    Notes
    -----
    Nothing here raises or keeps the inference loop waiting; a socket that is gone is as if there were none.
    """

    def __init__(self, environ=os.environ, clock_ns=time.monotonic_ns):
        self._address, self._clock_ns = _address(environ.get("NOTIFY_SOCKET", "")), clock_ns
        self.watchdog_s = _watchdog_s(environ) if self._address else None
        self._period_ns = round((self.watchdog_s or 0) * 500_000_000)  # half of it, as its manual recommends
        self._due_ns = clock_ns()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if self._address else None

    def ready(self, status="running"):
        """Start-up, or a reload, is done. Whether it was told."""
        return self._tell(f"READY=1\n{_status(status)}")

    def reloading(self):
        """A reload begins; `ready` ends it."""
        return self._tell(f"RELOADING=1\nMONOTONIC_USEC={self._clock_ns() // 1000}\n{_status('reloading')}")

    def stopping(self):
        """The end begins."""
        return self._tell(f"STOPPING=1\n{_status('stopping')}")

    def status(self, text):
        """A line for `systemctl status`."""
        return self._tell(_status(text))

    def alive(self):
        """A sign of life, for every turn of the inference loop; sent only when it is due."""
        if not self._period_ns:
            return
        now_ns = self._clock_ns()
        if now_ns >= self._due_ns and self._send(b"WATCHDOG=1", 0.0):
            self._due_ns = now_ns + self._period_ns

    def close(self):
        """Let go of the socket; twice is fine."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _tell(self, text):
        return self._send(text.encode(errors="replace"), _WAIT_S)

    def _send(self, data, wait_s):
        if self._socket is None:
            return False
        try:
            self._socket.settimeout(wait_s)
            self._socket.sendto(data, self._address)
        except OSError:
            return False
        return True

    def __repr__(self):
        return f"<Systemd {'absent' if self._address is None else 'there'}, watchdog {self.watchdog_s} s>"


def _address(name):
    """A path, or an abstract address behind `@`; None where there is neither."""
    if name.startswith("@") and len(name) > 1:
        return b"\0" + os.fsencode(name[1:])
    return name if name.startswith("/") else None


def _watchdog_s(environ):
    """Seconds that systemd waits for a sign of life of this very process; None where it does not."""
    text, process = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not text.isdecimal() or (process and process != str(os.getpid())):
        return None
    return int(text) / 1e6 or None


def _status(text):
    """One line, whatever is in it."""
    return "STATUS=" + " ".join(text.split())
