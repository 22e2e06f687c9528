"""The user's cache folder."""

from pathlib import Path

import pytest

from edgepose import cache


def test_folder_follows_xdg(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "edgepose"


@pytest.mark.parametrize("told", ["", "relative/path"])
def test_folder_is_in_the_home_where_xdg_says_nothing_of_use(monkeypatch, tmp_path, told):
    monkeypatch.setenv("XDG_CACHE_HOME", told)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.folder() == tmp_path / ".cache" / "edgepose"


def test_nobody_without_a_home_has_a_cache(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(OSError, match="no cache folder"):
        cache.folder()


def test_sealed_bytes_come_back(tmp_path):
    cache.write_sealed(tmp_path / "a" / "b", b"bytes")
    assert cache.read_sealed(tmp_path / "a" / "b") == b"bytes"


def test_every_flipped_bit_and_missing_byte_is_noticed(tmp_path):
    cache.write_sealed(tmp_path / "a", b"bytes")
    whole = (tmp_path / "a").read_bytes()
    spoilt = [whole[:i] + bytes([whole[i] ^ 1 << bit]) + whole[i + 1:] for i in range(len(whole)) for bit in range(8)]
    for data in spoilt + [whole[:n] for n in range(len(whole))]:
        (tmp_path / "a").write_bytes(data)
        assert cache.read_sealed(tmp_path / "a") is None


def test_missing_file_is_none(tmp_path):
    assert cache.read_sealed(tmp_path / "a") is None


def test_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    cache.write(tmp_path / "a", b"old")

    def full(source, target):
        raise OSError("disk full")

    monkeypatch.setattr(cache.os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        cache.write(tmp_path / "a", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"old")]


def test_newest_files_are_kept(tmp_path):
    for i, name in enumerate("cab"):
        (tmp_path / f"{name}.x").touch()
        cache.os.utime(tmp_path / f"{name}.x", (i, i))
    (tmp_path / "other").touch()
    cache.keep_newest(tmp_path, "*.x", 2)
    assert {path.name for path in tmp_path.iterdir()} == {"a.x", "b.x", "other"}
