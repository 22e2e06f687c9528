"""Fetch one pinned file from its publisher or from a mirror: it goes on where it stopped and appears whole or not."""

import hashlib
import http.client
import os
import re
import urllib.error
import urllib.request

import edgepose
from edgepose.errors import ModelError, SourceError
from edgepose.sinks.paths import sink_error, write_all

MIRROR = "EDGEPOSE_MODEL_MIRROR"
PART = ".part"
BLOCK_BYTES = 1 << 16
TIMEOUT_S = 30
RANGE_NOT_SATISFIABLE = 416


def locate(publisher, path):
    """Where a file is: below EDGEPOSE_MODEL_MIRROR (a folder or an address) if that is set, else at its publisher."""
    return (os.environ.get(MIRROR) or publisher).rstrip("/") + "/" + path


def fetch(address, target, size_bytes, sha256, watch):
    """Make `target` the file of this size and hash.

    What has come is kept beside it, with ".part" behind the name, and is gone on from after an interruption.

    Parameters
    ----------
    address : str, http(s):// or file:// address, or a path
    target : Path
    watch : called with the number of bytes that came; negative for bytes that are thrown away

    Raises
    ------
    ModelError : the file is not to be had, or is not the one that is pinned
    SourceError : the connection broke; what came is kept
    SinkError : the file cannot be written
    """
    part = part_of(target)
    resumed = size_of(part)
    if resumed < size_bytes:
        _receive(address, part, size_bytes, watch)
    if resumed and not _is_pinned(part, size_bytes, sha256):  # what was here may have been of another file
        _forget(part, watch)
        _receive(address, part, size_bytes, watch)
    _refuse_other(address, part, size_bytes, sha256, watch)
    settle(part, target)


def part_of(target):
    """Where the beginning of a file is kept."""
    return target.with_name(target.name + PART)


def size_of(path):
    """Bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.is_file() else 0


def digest(path):
    """Hex sha256 of one file, read block by block."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(BLOCK_BYTES), b""):
            found.update(block)
    return found.hexdigest()


def settle(part, target):
    """Give a whole part file its name, once it has reached the disk; SinkError when that fails."""
    try:
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    except OSError as error:
        raise sink_error(str(target), error) from error


def append(part, data):
    """Add bytes to a part file; SinkError when it cannot be written."""
    try:
        with open(part, "ab", buffering=0) as file:
            write_all(file, data)
    except OSError as error:
        raise sink_error(str(part), error) from error


def _is_pinned(part, size_bytes, sha256):
    return size_of(part) == size_bytes and digest(part) == sha256


def _refuse_other(address, part, size_bytes, sha256, watch):
    """Throw away what is not the pinned file: it can neither be used nor gone on from."""
    if _is_pinned(part, size_bytes, sha256):
        return
    found = size_of(part)
    what = f"its sha256 is not {sha256[:12]}..." if found == size_bytes else f"it is {_length(found, size_bytes)}"
    _forget(part, watch)
    raise ModelError(f"{address} is not the file that the manifest pins: {what}; name another source in {MIRROR}")


def _length(found, size_bytes):
    return f"longer than {size_bytes} bytes" if found > size_bytes else f"{found} bytes long, not {size_bytes}"


def _forget(part, watch):
    watch(-size_of(part))
    part.unlink(missing_ok=True)


def _receive(address, part, size_bytes, watch):
    """Append to a part file until it has its size or the source ends."""
    source = _open(address, size_of(part))
    with source.file:
        if source.start != size_of(part):
            _forget(part, watch)
        for block in source.blocks(size_bytes + 1 - source.start):  # one byte more tells a longer file
            append(part, block)
            watch(len(block))


class _Source:
    """An opened file that is read from `start` on and promised so many bytes (None: nobody knows)."""

    def __init__(self, address, file, start, promised):
        self.address, self.file, self.start, self.promised = address, file, start, promised

    def blocks(self, limit):
        """Blocks of at most `limit` bytes together; SourceError when fewer come than were promised."""
        came = 0
        while came < limit and (block := self._read(min(BLOCK_BYTES, limit - came), came)):
            yield block
            came += len(block)
        if self.promised is not None and came < min(limit, self.promised):
            raise self._lost(came, "it ended early")

    def _read(self, size, came):
        try:
            return self.file.read1(size)
        except (OSError, http.client.HTTPException) as error:
            raise self._lost(came, _reason(error)) from error

    def _lost(self, came, why):
        return SourceError(f"{self.address}: lost after {self.start + came} bytes ({why});"
                           " the same command goes on from there")


def _open(address, start):
    if "://" in address:
        return _open_address(address, start)
    try:
        file = open(address, "rb")
        size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ModelError(f"{address}: {error.strerror}; {MIRROR} names a folder or an address that has it") from error
    start = file.seek(start if start < size else 0)
    return _Source(address, file, start, size - start)


def _open_address(address, start):
    """The answer to a request for everything from `start` on; a server may begin at 0 all the same."""
    headers = {"User-Agent": f"edgepose/{edgepose.__version__}"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        answer = urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == RANGE_NOT_SATISFIABLE and start:
            return _open_address(address, 0)
        raise ModelError(f"{address}: the server says {error.code} {error.reason}; name another source in"
                         f" {MIRROR}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ModelError(f"{address} cannot be reached: {_reason(error)}; connect to the network, or name a folder"
                         f" with the files in {MIRROR}") from error
    length = answer.headers.get("Content-Length")
    return _Source(address, answer, _start(answer), int(length) if length else None)


def _start(answer):
    """Where an answer begins: it says so when it is a part."""
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range") or "")
    return int(found[1]) if found and getattr(answer, "status", None) == http.HTTPStatus.PARTIAL_CONTENT else 0


def _reason(error):
    """One line of why a connection failed."""
    error = getattr(error, "reason", error)
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0]
