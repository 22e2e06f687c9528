"""The folder of clips: whole files only, within a number of bytes and an age."""

import contextlib
import os
import re
import threading
import time
from pathlib import Path

from edgepose.daemon.clips.inventory import PART, Inventory
from edgepose.sinks.paths import sink_error, write_all

_KINDS = {"skeleton": ".json.gz", "video": ".mp4"}
_NAME = re.compile(r"([0-9A-Za-z]{1,64})(\.json\.gz|(?:\.[2-9])?\.mp4)")
_ID = re.compile(r"[0-9A-Za-z]{1,64}")
_TIDY_NS = 600 * 1_000_000_000


class Shelf:
    """Keeps clips of events as files.

    Parameters
    ----------
    directory : str or path, made where it is missing; nothing else may be kept there
    max_bytes : int, what the files may take on the disk, also while they are being written
    max_age_s : float, files that are older go, whatever they belong to
    held : callable that gives the ids of events that are open or not acknowledged; they make room last

    Attributes
    ----------
    n_bytes, n_files : int, what is there
    n_removed : int, files that made room or were too old

    Notes
    -----
    A file gets its name when all of it is on the disk, so whoever kills the daemon leaves no half clip; what was
    being written then is removed at the next `open`. Names begin with the event's id, which sorts by time: the
    first is the oldest. Threads may share it.
    """

    def __init__(self, directory, max_bytes, max_age_s, held=frozenset, wall_s=time.time):
        self.directory = Path(directory)
        self._max_bytes, self._max_age_s, self._held, self._wall_s = max_bytes, max_age_s, held, wall_s
        self._files, self._lock, self._tidied_ns, self.n_removed = Inventory(), threading.RLock(), 0, 0

    @property
    def n_bytes(self):
        return self._files.n_bytes

    @property
    def n_files(self):
        return len(self._files.whole())

    def health(self):
        """Plain values for the page and the metrics."""
        return {"bytes": self.n_bytes, "max_bytes": self._max_bytes, "n_files": self.n_files}

    @property
    def max_clip_bytes(self):
        """What one clip may take."""
        return self._max_bytes // 4

    def open(self):
        """Make the folder, sweep up what was left half written, see what is there. SinkError where it cannot be."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.scandir(self.directory) as entries:
                for entry in entries:
                    self._take_in(entry)
        except OSError as error:
            raise sink_error(self.directory, error) from error
        self.tidy()

    def _take_in(self, entry):
        if entry.name.endswith(PART):
            os.unlink(entry.path)
        elif _NAME.fullmatch(entry.name):
            stat = entry.stat(follow_symlinks=False)
            self._files.count(entry.name, stat.st_size, stat.st_mtime)

    def find(self, event_id, kind=None):
        """What is kept of an event.

        Parameters
        ----------
        event_id : str, from anywhere: what is no id finds nothing
        kind : "skeleton", "video" or None for the video where there is one

        Returns
        -------
        {"kind": str, "path": Path} or None
        """
        if not isinstance(event_id, str) or not _ID.fullmatch(event_id):
            return None
        for each in (kind,) if kind else ("video", "skeleton"):
            path = self.directory / f"{event_id}{_KINDS[each]}"
            if path.is_file() and not path.is_symlink():
                return {"kind": each, "path": path}
        return None

    def put(self, name, data):
        """Write a file, in the place of one of that name; SinkError, and no file, where there is no room."""
        part = self.begin(name)
        try:
            self.grow(name, len(data))
            self._write(part, data)
            self.finish(name)
        except OSError as error:
            self.drop(name)
            raise sink_error(self.directory / name, error) from error

    def _write(self, part, data):
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0) as file:
            write_all(file, data)

    def begin(self, name):
        """Where to write a file that will have a name: a path that nobody sees, to `finish` or `drop`."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no clip's name")
        return str(self.directory / (name + PART))

    def grow(self, name, n_bytes):
        """Make room for a file that is being written and has, or will have, so many bytes."""
        with self._lock:
            self._files.count(name + PART, n_bytes, self._wall_s())
            self._make_room()

    def finish(self, name):
        """Give a written file its name once it is on the disk; OSError where it does not get there."""
        part, path = self.begin(name), self.directory / name
        with _opened(part) as fd:
            n_bytes = os.fstat(fd).st_size
            os.fsync(fd)
        os.replace(part, path)
        with _opened(self.directory) as fd:
            os.fsync(fd)
        with self._lock:
            self._files.forget(name + PART)
            self._files.count(name, n_bytes, self._wall_s())
            self._make_room()

    def drop(self, name):
        """Give up a file that is being written."""
        with self._lock, contextlib.suppress(OSError):
            self._files.forget(name + PART)
            os.unlink(self.begin(name))

    def spare(self):
        """Remove the oldest file, for a disk that is full of other things; False where there is none."""
        with self._lock:
            name = next(iter(self._files.whole(self._held())), None)
            return name is not None and self._remove(name)

    def tidy(self):
        """Remove what is too old; does nothing where it has just been done."""
        now_ns = time.monotonic_ns()
        if self._tidied_ns and now_ns - self._tidied_ns < _TIDY_NS:
            return
        self._tidied_ns = now_ns
        with self._lock:
            for name in self._files.older(self._wall_s() - self._max_age_s):
                self._remove(name)
            self._make_room()

    def _make_room(self):
        if self.n_bytes <= self._max_bytes:
            return
        for name in self._files.whole(self._held()):
            if self.n_bytes > self._max_bytes:
                self._remove(name)

    def _remove(self, name):
        """Whether it is gone; a file that cannot be removed still counts."""
        try:
            os.unlink(self.directory / name)
        except FileNotFoundError:
            pass  # somebody else did
        except OSError:
            return False
        self._files.forget(name)
        self.n_removed += 1
        return True

    def __repr__(self):
        return f"<Shelf {self.directory}: {self.n_files} files, {self.n_bytes} of at most {self._max_bytes} bytes>"


@contextlib.contextmanager
def _opened(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        yield fd
    finally:
        os.close(fd)
