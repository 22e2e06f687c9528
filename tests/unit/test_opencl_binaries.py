"""Which built programs are kept, and which of them are believed: with a stand-in for pyopencl's edge."""

from types import SimpleNamespace

import pytest

from edgepose import cache
from edgepose.backends.opencl import binaries
from edgepose.backends.opencl.binaries import Binaries


class Error(Exception):
    pass


class Program:
    """A built program; a driver refuses one that begins with "bad"."""

    def __init__(self, context, devices, contents):
        self.content = contents[0]

    def build(self, options):
        if self.content.startswith(b"bad"):
            raise Error("INVALID_BINARY")
        return self

    def get_info(self, what):
        if self.content == b"none":
            raise Error("INVALID_VALUE")
        return [self.content]


CL = SimpleNamespace(Error=Error, Program=Program, program_info=SimpleNamespace(BINARIES="binaries"))


def context(**changes):
    """A context of a device; `changes` are made to the device, "platform" names its platform."""
    about = {"name": "Mali-G610", "version": "OpenCL 3.0", "driver_version": "25.0.7", "platform": "rusticl"} | changes
    about["platform"] = SimpleNamespace(name=about["platform"], version="OpenCL 3.0")
    return SimpleNamespace(devices=[SimpleNamespace(**about)])


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "edgepose" / "opencl"


def keep(content=b"code", text="source", options=("-w",), **changes):
    Binaries(CL, context(**changes)).keep(Program(None, None, [content]), text, list(options))


def recall(text="source", options=("-w",), **changes):
    found = Binaries(CL, context(**changes)).recall(text, list(options))
    return found and found.content


def test_built_program_comes_back():
    keep()
    assert recall() == b"code"


@pytest.mark.parametrize("changes", [
    {"text": "another"}, {"options": ("-cl-std=CL3.0",)}, {"name": "Mali-G52"}, {"driver_version": "25.0.8"},
    {"version": "OpenCL 3.1"}, {"platform": "Arm"}])
def test_whatever_changes_the_program_is_not_to_be_had(changes):
    keep()
    assert recall(**changes) is None


@pytest.mark.parametrize("damage", [
    lambda data: b"", lambda data: data[:-1], lambda data: data[:40] + b"\0" + data[41:]])
def test_damaged_program_is_not_believed(folder, damage):
    keep()
    (path,) = folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert recall() is None


def test_whole_program_of_something_else_is_not_believed(folder):
    keep()
    (ours,) = folder.iterdir()
    keep(b"other code", text="other source")
    (other,) = set(folder.iterdir()) - {ours}
    ours.write_bytes(other.read_bytes())
    assert recall() is None


def test_program_that_the_driver_refuses_is_not_believed():
    keep(b"bad code")
    assert recall() is None


def test_driver_that_gives_no_binary_is_done_without(folder):
    keep(b"none")
    keep(b"")
    assert not folder.exists()


def test_pocl_is_never_asked_for_a_binary_nor_given_one(folder):
    keep(platform="Portable Computing Language")
    assert not folder.exists() and recall(platform="Portable Computing Language") is None


def test_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "edgepose").write_text("in the way")
    keep()
    assert recall() is None


def test_only_the_newest_are_kept(folder, monkeypatch):
    monkeypatch.setattr(binaries, "N_KEPT", 3)
    for n in range(5):
        keep(text=f"source {n}")
    assert len(list(folder.iterdir())) == 3 and recall(text="source 4") == b"code"


def test_home_that_is_missing_is_done_without(monkeypatch):
    def homeless():
        raise OSError("no cache folder")

    monkeypatch.setattr(cache, "folder", homeless)
    keep()
    assert recall() is None
