"""Text that leaves in whole lines, to a stream or a file."""

import io
import os
import stat

from edgepose.sinks.paths import check_file, sink_error

BLOCK_BYTES = 8192  # as io buffers


class LineOutput:
    """Hands on whole lines: each at once where somebody watches, else in blocks.

    Parameters
    ----------
    target : a stream with `write`, which stays open, or a path, which is overwritten

    Notes
    -----
    Writes past Python's own buffer where the stream has a file descriptor: nothing is left in there that could
    fail once more when the interpreter exits, and a line that the disk has no room for can be taken back whole.
    """

    def __init__(self, target):
        self._stream = target if hasattr(target, "write") else None
        self._path = os.fsdecode(target) if self._stream is None else None
        self._fd, self._pending, self._done, self._limit = None, bytearray(), 0, 0
        self.is_terminal = False

    @property
    def name(self):
        """The path, or what a person calls the stream."""
        name = self._path or getattr(self._stream, "name", "stream")
        return {"<stdout>": "standard output", "<stderr>": "standard error"}.get(name, str(name))

    def open(self, run):
        """Check the target and take hold of it; SinkError where it cannot be written."""
        if self._path is not None:
            check_file(self._path, run)
        try:
            self._fd = self._descriptor()
        except OSError as error:
            raise sink_error(self.name, error) from error
        self.is_terminal = self._fd is not None and os.isatty(self._fd)
        self._limit = 0 if run.live or self.is_terminal else BLOCK_BYTES

    def write(self, line):
        """Take a line that ends in a newline; SinkError where the target takes no more."""
        self._pending += line.encode("utf-8")
        if len(self._pending) >= self._limit:
            self._flush()

    def close(self):
        """Hand on what is left; closes what `open` opened, not a stream. Twice is fine."""
        try:
            self._flush()
        finally:
            fd, self._fd = self._fd, None
            if fd is not None and self._path is not None:
                os.close(fd)

    def _descriptor(self):
        """The file descriptor to write to; None for a stream without one, as in notebooks and tests."""
        if self._path is not None:
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o666)
            if _is_file(fd):
                os.ftruncate(fd, 0)
            return fd
        if not isinstance(self._stream, (io.TextIOWrapper, io.BufferedWriter, io.FileIO)):
            return None
        try:
            self._stream.flush()  # what others wrote there comes first
            return self._stream.fileno()
        except io.UnsupportedOperation:
            return None

    def _flush(self):
        try:
            self._hand_on()
        except (OSError, ValueError) as error:
            self._take_back()
            raise sink_error(self.name, error) from error

    def _hand_on(self):
        while self._done < len(self._pending):
            self._done += self._write_some(bytes(self._pending[self._done:]))
        self._pending.clear()
        self._done = 0

    def _write_some(self, data):
        """Hand on data, or the first part of it: the number of bytes that were taken."""
        if getattr(self._stream, "closed", False):  # its descriptor may be another file by now
            raise ValueError("the stream is closed")
        if self._fd is not None:
            return os.write(self._fd, data)
        self._stream.write(data if isinstance(self._stream, (io.RawIOBase, io.BufferedIOBase)) else data.decode())
        getattr(self._stream, "flush", bool)()
        return len(data)

    def _take_back(self):
        """Forget the lines that did not fit, and cut off the part of one that did."""
        whole = self._pending.rfind(b"\n", 0, self._done) + 1
        torn = self._done - whole
        self._pending.clear()
        self._done = 0
        if torn and self._fd is not None and _is_file(self._fd):
            end = os.lseek(self._fd, -torn, os.SEEK_CUR)
            os.ftruncate(self._fd, end)

    def __repr__(self):
        return f"<LineOutput {self.name}>"


def _is_file(fd):
    return stat.S_ISREG(os.fstat(fd).st_mode)
