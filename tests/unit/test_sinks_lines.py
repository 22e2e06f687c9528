"""Whole lines: to files, pipes, streams, and where there is no room for them."""

import errno
import io
import os
import resource
import sys
from types import SimpleNamespace

import pytest

from edgepose.errors import SinkError
from edgepose.sinks.lines import BLOCK_BYTES, LineOutput

FILE = SimpleNamespace(source="clip.avi", live=False)
LIVE = SimpleNamespace(source="clip.avi", live=True)


def opened(target, run=FILE):
    lines = LineOutput(target)
    lines.open(run)
    return lines


@pytest.fixture
def small_disk():
    """Files may hold 20,000 bytes; past that a write fails as on a full disk, in part first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_lines_when_the_run_is_live_then_each_goes_out_at_once(tmp_path):
    lines = opened(tmp_path / "out", LIVE)
    lines.write("one\n")
    assert (tmp_path / "out").read_text() == "one\n"
    lines.close()


def test_lines_when_a_terminal_watches_then_each_goes_out_at_once():
    master, slave = os.openpty()
    with open(slave, "w") as terminal:
        lines = opened(terminal)
        lines.write("one\n")
        assert os.read(master, 100) == b"one\r\n" and lines.is_terminal
    os.close(master)


def test_lines_when_buffered_then_they_leave_in_blocks_of_whole_lines(tmp_path):
    lines, sizes = opened(tmp_path / "out"), set()
    for i in range(2000):
        lines.write(f"line {i}\n")
        sizes.add((tmp_path / "out").read_bytes()[-1:])
    assert sizes == {b"", b"\n"} and (tmp_path / "out").stat().st_size >= BLOCK_BYTES
    lines.close()
    assert (tmp_path / "out").read_text() == "".join(f"line {i}\n" for i in range(2000))


def test_lines_when_the_file_exists_then_it_is_overwritten(tmp_path):
    (tmp_path / "out").write_text("old " * 100)
    lines = opened(tmp_path / "out")
    lines.write("new\n")
    lines.close()
    assert (tmp_path / "out").read_text() == "new\n"


@pytest.mark.parametrize("stream, expected", [(io.StringIO(), "é\n"), (io.BytesIO(), "é\n".encode())])
def test_lines_when_the_stream_is_in_memory_then_it_gets_its_kind(stream, expected):
    lines = opened(stream)
    lines.write("é\n")
    lines.close()
    assert stream.getvalue() == expected and not stream.closed


def test_lines_when_the_stream_holds_text_already_then_that_comes_first(tmp_path):
    with open(tmp_path / "out", "w") as stream:
        stream.write("first\n")
        lines = opened(stream)
        lines.write("second\n")
        lines.close()
        assert not stream.closed
    assert (tmp_path / "out").read_text() == "first\nsecond\n"


def test_lines_when_standard_output_is_captured_then_it_is_written(capsys):
    lines = opened(sys.stdout)
    lines.write("one\n")
    lines.close()
    assert capsys.readouterr().out == "one\n"


def test_lines_when_the_reader_has_gone_then_one_clear_error():
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as stream:
        lines = opened(stream, LIVE)
        with pytest.raises(SinkError, match="the program that was reading it has ended") as caught:
            lines.write("one\n")
        lines.close()
    assert caught.value.errno == errno.EPIPE and isinstance(caught.value.__cause__, BrokenPipeError)


def test_lines_when_the_disk_is_full_then_one_clear_error():
    lines = opened("/dev/full")
    lines.write("one\n")
    with pytest.raises(SinkError, match="^/dev/full: the disk is full; [^\n]+$"):
        lines.close()
    lines.close()


def test_lines_when_the_file_can_take_no_more_then_whole_lines_stay(tmp_path, small_disk):
    lines = opened(tmp_path / "out")
    with pytest.raises(SinkError, match="largest size"):
        for _ in range(1000):
            lines.write("x" * 98 + "y\n")
    lines.close()
    assert (tmp_path / "out").read_text() == ("x" * 98 + "y\n") * 200


def test_lines_when_a_torn_line_was_taken_back_then_the_next_one_follows_whole(tmp_path, small_disk):
    lines = opened(tmp_path / "out", LIVE)
    lines.write("a" * 19_990 + "\n")
    with pytest.raises(SinkError):
        lines.write("b" * 20 + "\n")
    lines.write("c\n")
    lines.close()
    assert (tmp_path / "out").read_text() == "a" * 19_990 + "\nc\n"


def test_lines_when_appended_by_a_shell_then_a_torn_line_takes_nothing_else_along(tmp_path, small_disk):
    (tmp_path / "out").write_text("old\n")
    with open(tmp_path / "out", "a") as stream:
        lines = opened(stream, LIVE)
        with pytest.raises(SinkError):
            lines.write("b" * 30_000 + "\n")
    assert (tmp_path / "out").read_text() == "old\n"


def test_lines_when_its_owner_closed_the_stream_then_one_clear_error(tmp_path):
    with open(tmp_path / "out", "w") as stream:
        lines = opened(stream)
    lines.write("one\n")
    with pytest.raises(SinkError, match="out: the stream is closed"):
        lines.close()


def test_lines_when_closed_then_the_descriptor_is_given_back(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    opened(tmp_path / "out").close()
    assert len(os.listdir("/proc/self/fd")) == before
