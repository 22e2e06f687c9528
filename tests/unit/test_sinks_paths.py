"""Errors of output paths: one line, the path, the way out."""

import errno
import os
from types import SimpleNamespace

import pytest

from edgepose.errors import SinkError
from edgepose.sinks import OverlaySink, TableSink
from edgepose.sinks.paths import check_file, check_folder, sink_error

RUN = SimpleNamespace(source="rtsp://camera/1", live=False)


def test_file_when_it_is_a_directory_then_refused(tmp_path):
    with pytest.raises(SinkError, match="it is a directory; name a file in it"):
        check_file(str(tmp_path), RUN)


def test_file_when_a_part_of_the_path_is_a_file_then_refused(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(SinkError, match="a part of its path is a file"):
        check_file(f"{tmp_path}/a/b", RUN)


def test_file_when_its_path_is_empty_then_refused():
    with pytest.raises(SinkError, match="path is empty"):
        check_file("", RUN)


@pytest.mark.parametrize("there", [True, False])
def test_file_when_there_is_no_permission_then_refused_and_left(tmp_path, monkeypatch, there):
    path = tmp_path / "a"
    if there:
        path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *args: False)  # root may write everywhere
    with pytest.raises(SinkError, match="no permission to write there"):
        TableSink(path).open(RUN)
    assert path.exists() == there and (not there or path.read_text() == "old")


def test_file_when_checked_then_nothing_is_made(tmp_path):
    check_file(f"{tmp_path}/a", RUN)
    assert os.listdir(tmp_path) == []


def test_folder_when_missing_then_made(tmp_path):
    check_folder(f"{tmp_path}/a/", RUN)
    assert os.path.isdir(tmp_path / "a")


def test_folder_when_a_file_has_its_name_then_refused(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(SinkError, match="a file of that name is there"):
        check_folder(f"{tmp_path}/a", RUN)


@pytest.mark.parametrize("source", ["", "one.jpg"])
def test_folder_when_the_source_lies_in_it_then_refused(tmp_path, source):
    (tmp_path / "one.jpg").touch()
    with pytest.raises(SinkError, match="the source's own pictures are there"):
        check_folder(f"{tmp_path}/", SimpleNamespace(source=f"{tmp_path}/{source}"))


@pytest.mark.parametrize("name", ["poses", "poses.gif", "poses.", ".mp4"])
def test_overlay_when_the_ending_is_unknown_then_refused(tmp_path, name):
    with pytest.raises(SinkError, match=r"says no kind of overlay; a picture ends in \.png .* a video in \.mp4"):
        OverlaySink(tmp_path / name).open(RUN)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, 1234567])
def test_error_when_made_from_any_code_then_one_line_that_keeps_the_code(code):
    error = sink_error("a.jsonl", OSError(code, "what the system says"))
    assert error.errno == code and str(error).startswith("a.jsonl: ") and "\n" not in str(error)
    assert "[Errno" not in str(error)
