"""A file that is there to be thrown away: room for the next events when the disk has become full."""

import contextlib
import logging
import os

BALLAST_BYTES = 1 << 20  # about five hundred revisions
FREE_BYTES = 16 << 20  # it is made again when so much is free

log = logging.getLogger(__name__)


class Ballast:
    """Holds room on the disk, gives it back in need, takes it again when there is plenty.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path):
        self._path = path

    @property
    def held(self):
        """Whether there is something to throw away."""
        return os.path.exists(self._path)

    def hold(self):
        """Make the file, where there is none and room is plenty."""
        if self.held or _free_bytes(self._path) < FREE_BYTES:
            return
        with contextlib.suppress(OSError):
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(fd, 0, BALLAST_BYTES)
            finally:
                os.close(fd)

    def drop(self):
        """Give the room back: whether there was any."""
        try:
            os.unlink(self._path)
        except OSError:
            return False
        log.warning("the disk is full: %s is given up for the next events", self._path)
        return True


def _free_bytes(path):
    try:
        found = os.statvfs(os.path.dirname(path) or ".")
    except OSError:
        return 0
    return found.f_bavail * found.f_frsize
