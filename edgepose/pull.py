"""Get a model: its publisher's files are fetched, ours is made of them, and all lie whole in one folder."""

import errno
import fcntl
import hashlib
import importlib
import os

from edgepose import download
from edgepose.errors import ModelError
from edgepose.sinks.paths import sink_error

#: What `[pull] converter` names: a module with `convert(xml, weights, height, width)`, which gives our file's bytes.
CONVERTERS = {"openpose": "edgepose.convert.openpose"}


class Pull:
    """One model's files on their way, in a `with`: other processes that pull the same model wait outside.

    Parameters
    ----------
    model : Model with a `[pull]` table
    say : called with a line for the user while it waits

    Raises
    ------
    SinkError : entering, the model's folder cannot be made or written to
    """

    def __init__(self, model, say):
        self.model, self.folder, self._say, self._lock = model, model.files[0].path.parent, say, None

    def __enter__(self):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder, os.O_RDONLY)
        except OSError as error:
            raise sink_error(str(self.folder), error) from error
        self._wait()
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise sink_error(str(self.folder), PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        return self

    def __exit__(self, *_):
        os.close(self._lock)

    def missing(self):
        """The publisher's files that are not here whole."""
        return [file for file in self.model.files if file.address and not file.whole]

    def fetch(self, files, watch):
        """Get some of the publisher's files; what `download.fetch` takes and raises."""
        for file in files:
            address = download.locate(self.model.pull.publisher, file.address)
            download.fetch(address, file.path, file.size_bytes, file.sha256, watch)

    def make(self):
        """Make our files that are not here whole; how many were made.

        Raises
        ------
        ModelError : the manifest's converter is not known, or made something else than what is pinned
        SinkError : the file cannot be written
        """
        files = [file for file in self.model.files if not file.address and not file.whole]
        for file in files:
            self._write(file, self._convert())
        return len(files)

    def _wait(self):
        """Until nobody else pulls; a process that dies lets go."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._say(f"another edgepose is pulling {self.model.name}; waiting for it")
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def _convert(self):
        name, input = self.model.pull.converter, self.model.input
        if name not in CONVERTERS:
            raise ModelError(f"{self.model.folder / 'manifest.toml'}: pull.converter: {name!r} is not known; one of"
                             f" {', '.join(CONVERTERS)}")
        sources = [file.path for file in self.model.files if file.address]
        return importlib.import_module(CONVERTERS[name]).convert(*sources, input.height, input.width)

    def _write(self, file, data):
        found = hashlib.sha256(data).hexdigest()
        if found != file.sha256:
            raise ModelError(f"{file.path}: what was made has sha256 {found}, its manifest says {file.sha256};"
                             " please report it with what `edgepose doctor` prints")
        part = download.part_of(file.path)
        part.unlink(missing_ok=True)
        download.append(part, data)
        download.settle(part, file.path)
