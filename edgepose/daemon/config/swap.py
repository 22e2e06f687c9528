"""One text of a file for another, in one stroke."""

import os
import stat
import tempfile
from contextlib import suppress

from edgepose.errors import ConfigError


def fingerprint(path):
    """What tells whether a file is still the one that it was; ConfigError where there is none."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def swap(path, text, known):
    """Put a text in the place of a file's, whole or not at all; mode and owner stay, and so does a link to it.

    Parameters
    ----------
    path : str or Path
    text : str, its line ends as they shall be
    known : the `fingerprint` that the file had when it was read

    Raises
    ------
    ConfigError : it cannot be written, or somebody else has changed it meanwhile
    """
    target = os.path.realpath(path)
    try:
        name = _write_beside(target, text.encode("utf-8"))
        try:
            if fingerprint(target) != known:
                raise ConfigError(f"{path}: somebody else has just changed it, and nothing was written; try again")
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
        _flush_folder(os.path.dirname(target))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}; its folder and its owner must allow it"
                          ) from error


def _write_beside(target, data):
    """Write and flush a new file with the mode and the owner of another, next to it; its name."""
    like = os.stat(target)
    handle, name = tempfile.mkstemp(dir=os.path.dirname(target), prefix=f".{os.path.basename(target)}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if (like.st_uid, like.st_gid) != (os.fstat(handle).st_uid, os.fstat(handle).st_gid):
                os.fchown(handle, like.st_uid, like.st_gid)
            os.fchmod(handle, stat.S_IMODE(like.st_mode))
            file.flush()
            os.fsync(handle)
    except BaseException:
        os.unlink(name)
        raise
    return name


def _flush_folder(folder):
    """Make the new name last; some file systems know no such thing."""
    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError):
        os.fsync(handle)
    os.close(handle)
