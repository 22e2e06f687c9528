"""Checks that an output can be written, and errors that name the way out."""

import errno
import os

from edgepose.errors import SinkError

_WAYS_OUT = {
    errno.ENOENT: "its directory does not exist; create it or name another path",
    errno.EEXIST: "a file of that name is there; name another directory",
    errno.ENOTDIR: "a part of its path is a file, not a directory; name another path",
    errno.EISDIR: "it is a directory; name a file in it",
    errno.EACCES: "no permission to write there; change the permission or name another path",
    errno.EPERM: "no permission to write there; change the permission or name another path",
    errno.EROFS: "the disk is read-only; name a path on another disk",
    errno.ENOSPC: "the disk is full; free some space or name a path on another disk",
    errno.EDQUOT: "the disk quota is used up; free some space or name a path on another disk",
    errno.EFBIG: "the file has reached the largest size allowed here; name a path on another disk",
    errno.ENAMETOOLONG: "the name is too long; name a shorter path",
    errno.EPIPE: "the program that was reading it has ended",
}


def sink_error(name, cause):
    """The SinkError for what went wrong with `name`: one line with the way out; `errno` is kept for the caller."""
    code, text = getattr(cause, "errno", None), getattr(cause, "strerror", None)
    error = SinkError(f"{name}: {_WAYS_OUT.get(code) or text or cause}")
    error.errno = code
    return error


def write_all(file, data):
    """Write all bytes to an unbuffered file, which may take them in parts. OSError, with what fitted in the file."""
    while data:
        data = data[file.write(data):]


def check_file(path, run):
    """Check that a file can be made, or overwritten, at a path; touches nothing.

    Raises
    ------
    SinkError : directory missing, no permission, a directory of that name, the run's own source
    """
    folder = os.path.dirname(path) or "."
    if not path:
        raise SinkError("the output's path is empty; name a file")
    if os.path.isdir(path):
        _refuse(path, errno.EISDIR)
    if not os.path.isdir(folder):
        _refuse(path, errno.ENOTDIR if os.path.exists(folder) else errno.ENOENT)
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        _refuse(path, errno.EACCES)
    if is_same(path, run.source):
        raise SinkError(f"{path}: it is the source itself; name another file")


def check_folder(path, run):
    """Check that pictures can be written into a directory, and make it if only it is missing.

    Raises
    ------
    SinkError : its parent is missing, no permission, a file of that name, the source's own directory
    """
    sources = run.source if os.path.isdir(run.source) else os.path.dirname(run.source) or "."
    if is_same(path, sources) and os.path.exists(run.source):
        raise SinkError(f"{path}: the source's own pictures are there; name another directory")
    try:
        if not os.path.isdir(path):
            os.mkdir(path)
    except OSError as error:
        raise sink_error(path, error) from error
    if not os.access(path, os.W_OK | os.X_OK):
        _refuse(path, errno.EACCES)


def is_same(path, other):
    """Whether two paths name the same existing file or directory."""
    return os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other)


def _refuse(path, code):
    raise sink_error(path, OSError(code, os.strerror(code)))
