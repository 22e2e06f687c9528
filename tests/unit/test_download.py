"""Downloads from a real server that cuts, forgets and lies: what is under the final name is whole, or not there."""

import errno
import hashlib
import os

import numpy as np
import pytest

from edgepose import download
from edgepose.errors import ModelError, SinkError, SourceError
from tests.file_server import FileServer

DATA = np.random.default_rng(4).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def server():
    with FileServer({"/folder/file.bin": DATA}) as running:
        yield running


@pytest.fixture
def target(tmp_path):
    return tmp_path / "file.bin"


def fetch(server, target, name="file.bin", data=DATA):
    """Fetch and count the bytes that were watched."""
    seen = []
    download.fetch(f"{server.address}/folder/{name}", target, len(data), hashlib.sha256(data).hexdigest(), seen.append)
    return sum(seen)


def part(target):
    return target.with_name("file.bin.part")


def test_whole_file_arrives_and_is_counted(server, target):
    assert fetch(server, target) == len(DATA)
    assert target.read_bytes() == DATA and os.listdir(target.parent) == ["file.bin"]


def test_cut_connection_keeps_what_came_and_goes_on_there(server, target):
    server.cut_after = 100_000
    for came in (100_000, 200_000):
        with pytest.raises(SourceError, match=rf"file.bin: lost after {came} bytes .*goes on from there"):
            fetch(server, target)
        assert part(target).read_bytes() == DATA[:came] and not target.exists()
    assert fetch(server, target) == 100_000
    assert target.read_bytes() == DATA and not part(target).exists()
    assert [asked for _, asked in server.asked] == [None, "bytes=100000-", "bytes=200000-"]


def test_server_without_ranges_starts_again(server, target):
    part(target).write_bytes(DATA[:100_000])
    server.ranges = False
    assert fetch(server, target) == len(DATA) - 100_000
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("beginning", [b"another file", DATA + b"more", b"x" * len(DATA)])
def test_beginning_of_another_file_is_thrown_away(server, target, beginning):
    part(target).write_bytes(beginning)
    fetch(server, target)
    assert target.read_bytes() == DATA and not part(target).exists()


def test_whole_part_file_needs_no_server(target):
    part(target).write_bytes(DATA)
    download.fetch("http://127.0.0.1:9/none", target, len(DATA), SHA256, lambda n: None)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("served, complaint", [
    (DATA[:-1] + b"!", "its sha256 is not"), (DATA + b"more", "it is longer than 300000 bytes"),
    (DATA[:1000], "it is 1000 bytes long, not 300000"), (b"", "it is 0 bytes long, not 300000")])
def test_another_file_than_the_pinned_one_leaves_nothing(server, target, served, complaint):
    server.files["/folder/file.bin"] = served
    with pytest.raises(ModelError, match=f"file.bin is not the file that the manifest pins: {complaint}"):
        fetch(server, target)
    assert os.listdir(target.parent) == []


def test_other_file_does_not_take_the_place_of_what_is_there(server, target):
    target.write_bytes(b"kept")
    server.files["/folder/file.bin"] = b"other"
    with pytest.raises(ModelError, match="pins"):
        fetch(server, target)
    assert target.read_bytes() == b"kept"


@pytest.mark.parametrize("status, text", [(None, "404 Not Found"), (403, "403 Forbidden"),
                                          (503, "503 Service Unavailable")])
def test_refusal_names_address_and_status(server, target, status, text):
    server.status = status
    with pytest.raises(ModelError, match=rf"folder/none.bin: the server says {text}; .*EDGEPOSE_MODEL_MIRROR"):
        fetch(server, target, "none.bin")


@pytest.mark.parametrize("address, reason", [
    ("http://127.0.0.1:9/file.bin", "Connection refused"), ("http://no.such.host.invalid/file.bin", ""),
    ("gopher://127.0.0.1/file.bin", "unknown url type: gopher"), ("http://[/file.bin", "")])
def test_unreachable_address_names_the_way_out(target, address, reason):
    with pytest.raises(ModelError, match=f"cannot be reached: .*{reason}.*connect to the network") as caught:
        download.fetch(address, target, len(DATA), SHA256, lambda n: None)
    assert address in str(caught.value) and "\n" not in str(caught.value)
    assert os.listdir(target.parent) == []


def test_folder_as_a_mirror(tmp_path, target):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "file.bin").write_bytes(DATA)
    part(target).write_bytes(DATA[:1000])
    seen = []
    download.fetch(str(tmp_path / "mirror" / "file.bin"), target, len(DATA), SHA256, seen.append)
    assert target.read_bytes() == DATA and sum(seen) == len(DATA) - 1000


def test_folder_without_the_file_is_named(tmp_path, target):
    with pytest.raises(ModelError, match=r"nowhere/file.bin: No such file or directory; EDGEPOSE_MODEL_MIRROR"):
        download.fetch(str(tmp_path / "nowhere" / "file.bin"), target, 1, SHA256, lambda n: None)


@pytest.mark.parametrize("mirror, found", [
    (None, "https://publisher/files/a/b.bin"), ("", "https://publisher/files/a/b.bin"), ("/srv/", "/srv/a/b.bin"),
    ("http://mirror/x", "http://mirror/x/a/b.bin")])
def test_mirror_takes_the_publisher_s_place(monkeypatch, mirror, found):
    monkeypatch.delenv("EDGEPOSE_MODEL_MIRROR", raising=False)
    if mirror is not None:
        monkeypatch.setenv("EDGEPOSE_MODEL_MIRROR", mirror)
    assert download.locate("https://publisher/files", "a/b.bin") == found


@pytest.mark.parametrize("code, words", [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only")])
def test_disk_that_takes_no_more_is_named_and_loses_nothing(server, target, monkeypatch, code, words):
    part(target).write_bytes(DATA[:1000])
    real_open = open

    def full(path, mode="r", *rest, **more):
        if mode == "ab" and path == part(target):
            raise OSError(code, os.strerror(code), str(path))
        return real_open(path, mode, *rest, **more)

    monkeypatch.setattr("builtins.open", full)
    with pytest.raises(SinkError, match=rf"file.bin.part: .*{words}"):
        fetch(server, target)
    assert part(target).read_bytes() == DATA[:1000]
    monkeypatch.undo()
    fetch(server, target)
    assert target.read_bytes() == DATA
