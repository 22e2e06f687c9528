"""Runs the daemon: puts its parts together, turns the loop, listens to signals, and takes all of it down again."""

import logging
import signal
import sys
import threading
from contextlib import ExitStack

from edgepose.daemon.body import Daemon
from edgepose.daemon.notify import Systemd
from edgepose.errors import EdgePoseError, first_line

STEP_S = 0.5  # so often the watchdog is fed and the clock looked at while no frame comes

log = logging.getLogger(__name__)


def run(settings, path):
    """Run until SIGTERM or SIGINT; the exit code.

    Parameters
    ----------
    settings : Settings
    path : str, of the file that they were read from; read again at SIGHUP
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="edgepose: %(message)s")
    systemd, wishes = Systemd(), Wishes()
    try:
        with ExitStack() as opened:
            daemon = Daemon(settings, path)
            opened.callback(daemon.close)
            daemon.open()
            _turn(daemon, systemd, wishes)
            systemd.stopping()
    except EdgePoseError as fault:
        log.error("%s", first_line(fault))
        return 1
    return 0


def _turn(daemon, systemd, wishes):
    """The loop: a frame, or half a second without one, then what somebody wished for."""
    wishes.listen(daemon.wake)
    systemd.ready(daemon.status())
    while not wishes.stop:
        daemon.step(STEP_S)
        systemd.alive()  # from here and nowhere else: a loop that hangs is to be ended
        if wishes.take_reload():
            systemd.reloading()
            daemon.read_again()
            systemd.ready(daemon.status())


class Wishes:
    """What signals ask for.

    Attributes
    ----------
    stop : bool
    """

    def __init__(self):
        self.stop, self._reload, self._wake = False, threading.Event(), None

    def listen(self, wake):
        """Hear of SIGTERM, SIGINT and SIGHUP from now on; `wake` is called with each."""
        self._wake = wake
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        signal.signal(signal.SIGHUP, self._again)

    def take_reload(self):
        """Whether a reload was asked for since the last call."""
        was_set = self._reload.is_set()
        self._reload.clear()
        return was_set

    def _end(self, *_):
        self.stop = True
        self._wake()

    def _again(self, *_):
        self._reload.set()
        self._wake()
