"""The user's cache folder: what can always be made again, believed only after a check, written in one stroke."""

import hashlib
import os
import tempfile
from pathlib import Path

DIGEST_BYTES = hashlib.sha256().digest_size


def folder():
    """`$XDG_CACHE_HOME/edgepose`, or `~/.cache/edgepose`; it need not exist. OSError where there is no home."""
    told = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(told):  # the XDG base directory specification: a relative path is to be ignored
        return Path(told) / "edgepose"
    try:
        return Path.home() / ".cache" / "edgepose"
    except RuntimeError as error:
        raise OSError(f"no cache folder: {error}") from error


def write(path, data):
    """Write a file whole or not at all, its folder too; another process sees the old or the new one. OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def write_sealed(path, data):
    """As `write`, with a sha256 in front, for bytes that nobody can check by looking at them. OSError."""
    write(path, hashlib.sha256(data).digest() + data)


def read_sealed(path):
    """The bytes that `write_sealed` was given, or None where the file is missing or damaged."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    seal, data = whole[:DIGEST_BYTES], whole[DIGEST_BYTES:]
    return data if hashlib.sha256(data).digest() == seal else None


def keep_newest(folder, pattern, n):
    """Delete all but the n files of a pattern that were written last."""
    files = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in files[n:]:
        path.unlink(missing_ok=True)
