"""Events as JSON lines in a file or on standard output: schemas/event-1.schema.json."""

import os
import stat

from edgepose.daemon.events.text import text_of
from edgepose.daemon.outlets.courier import CarriedOutlet, Undelivered
from edgepose.errors import SinkError

CLOSE_S = 2.0
N_TAIL_BYTES = 1 << 16  # in which the last line's beginning is looked for


class LinesOutlet(CarriedOutlet):
    """Appends whole lines; one that a full disk or a crash tore is taken back and written again.

    Parameters
    ----------
    path : str, "-" is standard output
    store : EventStore

    Notes
    -----
    A file that was moved away (by logrotate, say) is made anew.
    """

    def __init__(self, path, store):
        self._path, self._fd = path, None
        super().__init__("lines", store)

    def open(self):
        """Check that the file can be written, and start the thread; SinkError where it cannot."""
        try:
            self._open()
        except OSError as error:
            raise SinkError(f"{self._path}: cannot be written: {error.strerror}") from error
        self._courier.open()

    def close(self):
        """Let go of the file; twice is fine."""
        self._courier.stop()
        self._courier.join(CLOSE_S)
        self._close()

    def _send(self, event):
        try:
            self._open()
            self._append(text_of(event).encode() + b"\n")
        except OSError as error:
            self._close()
            raise Undelivered(f"{self._path}: {error.strerror}") from error

    def _append(self, line):
        if not _is_file(self._fd):
            _write(self._fd, line)
            return
        end = os.lseek(self._fd, 0, os.SEEK_END)
        try:
            _write(self._fd, line)
            os.fsync(self._fd)
        except OSError:
            os.ftruncate(self._fd, end)
            raise

    def _open(self):
        """Take hold of the file, unless it is held and still the one of that name."""
        if self._fd is not None and (self._path == "-" or _is_same(self._fd, self._path)):
            return
        self._close()
        self._fd = 1 if self._path == "-" else os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        if _is_file(self._fd) and self._path != "-":
            os.ftruncate(self._fd, _whole_bytes(self._fd))

    def _close(self):
        fd, self._fd = self._fd, None
        if fd not in (None, 1):
            os.close(fd)

    def __repr__(self):
        return f"<LinesOutlet {self._path}>"


def _write(fd, data):
    while data:
        data = data[os.write(fd, data):]


def _is_file(fd):
    return stat.S_ISREG(os.fstat(fd).st_mode)


def _is_same(fd, path):
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False


def _whole_bytes(fd):
    """How long a file is up to the end of its last whole line."""
    size = os.fstat(fd).st_size
    begin = max(0, size - N_TAIL_BYTES)
    newline = os.pread(fd, N_TAIL_BYTES, begin).rfind(b"\n")
    return begin + newline + 1 if newline >= 0 or not begin else size
