"""Predictions kept on disk, a JSON line a picture, so that a long run can go on where it stopped."""

import json
import os
from contextlib import closing

from edgepose.errors import ConfigError
from edgepose.evaluate import jsonfile
from edgepose.evaluate.poses import Poses
from edgepose.sinks.paths import sink_error, write_all

SCHEMA = "edgepose.eval-poses/1"


class KeptPoses:
    """The poses that a run has found so far, in a file that is added to.

    Parameters
    ----------
    path : str, made if it is missing
    about : dict of strings, what the poses depend on; the file's first line

    Attributes
    ----------
    poses : {image id: Poses} that the file held when it was opened

    Raises
    ------
    ConfigError : the file is something else, or was made with something else
    SinkError : it cannot be written
    """

    def __init__(self, path, about):
        self._path, self.poses, self._file = path, {}, None
        head = {"schema": SCHEMA, **about}
        n_bytes = self._read(head) if os.path.exists(path) else 0
        try:
            self._file = open(path, "ab", buffering=0)
            self._file.truncate(n_bytes)  # a line that was cut off by the interruption
        except OSError as error:
            raise sink_error(path, error) from error
        if not n_bytes:
            self._write(head)

    def add(self, picture, poses):
        """Keep the Poses of one Picture; SinkError where the disk takes no more."""
        self._write({"image_id": picture.id, "file": picture.file, "keypoints": poses.keypoints.tolist()})

    def close(self):
        """Close the file. Closing twice is fine."""
        self._file.close()

    def _read(self, head):
        """Take in the whole lines of a file; their length in bytes."""
        if not os.path.isfile(self._path):
            raise self._foreign("it is no ordinary file")
        data = jsonfile.read(self._path)
        whole = data[:data.rfind(b"\n") + 1]
        lines = whole.splitlines()
        if not lines:
            if data and not json.dumps(head).encode().startswith(data):
                raise self._foreign("it is not a file of edgepose eval")
            return 0
        self._compare(self._parse(lines[0], 1), head)
        for n, line in enumerate(lines[1:], 2):
            value = self._parse(line, n)
            self.poses[value.get("image_id")] = self._poses(value, n)
        return len(whole)

    def _parse(self, line, n):
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self._foreign(f"line {n} is no JSON object")
        return value

    def _poses(self, value, n):
        try:
            return Poses.of(value["keypoints"])
        except (KeyError, ValueError, TypeError):
            raise self._foreign(f"line {n} has no keypoints") from None

    def _compare(self, found, head):
        for key, value in head.items():
            if found.get(key) != value:
                raise self._foreign(f"it was made with {key} {jsonfile.brief(found.get(key))},"
                                    f" this run has {jsonfile.brief(value)}")

    def _foreign(self, why):
        return ConfigError(f"--resume {self._path}: {why}; name another file, or remove this one")

    def _write(self, value):
        try:
            write_all(self._file, json.dumps(value).encode() + b"\n")
        except OSError as error:
            raise sink_error(self._path, error) from error


class NothingKept:
    """In the place of `KeptPoses` where no file is asked for."""

    def __init__(self):
        self.poses = {}

    def add(self, picture, poses):
        """Nothing is kept."""

    def close(self):
        """Nothing is open."""


def open_kept(path, about):
    """KeptPoses, or NothingKept where the path is None; a context that closes them."""
    return closing(KeptPoses(path, about) if path else NothingKept())
