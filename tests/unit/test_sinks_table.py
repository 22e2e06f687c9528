"""The table for people: fixed width, the header once."""

import io
import os
from types import SimpleNamespace

import pytest

from edgepose.pose import PoseBatch
from edgepose.sinks import TableSink
from edgepose.sinks.table import WIDTH
from edgepose.skeleton import COCO17

RUN = SimpleNamespace(source="clip.avi", live=False)


def table(batches, stream=None):
    stream = stream or io.StringIO()
    sink = TableSink(stream)
    sink.open(RUN)
    for poses in batches:
        sink.write(poses)
    sink.close()
    return stream.getvalue().splitlines() if isinstance(stream, io.StringIO) else None


def person(**more):
    poses = PoseBatch(2, COCO17)
    poses.n, poses.scores_q16[0], poses.boxes_q4[0] = 1, 53084, (1920, 1280, 960, 3208)
    poses.keypoint_scores_q16[0, :4] = 62258, 13108, 13106, 60948
    for name, value in more.items():
        setattr(poses, name, value)
    return poses


def test_table_when_written_then_it_reads_like_this():
    assert table([person(seq=17, t_ns=5_000_000_000), person(seq=18, t_ns=5_040_000_000, n=0)]) == [
        "  frame    time s  person  score      x     y     w     h   seen  best keypoints",
        "     17     0.000       1   0.81    120    80    60   200   3/17  nose 0.95  left_ear 0.93",
        "     18     0.040       -  nobody"]


def test_table_when_a_tracker_ran_then_the_person_is_the_track():
    poses = person()
    poses.track_ids[0] = 1234
    assert table([poses])[1].split()[2] == "1234"


def test_table_when_a_tracker_has_no_id_yet_then_a_dash_stands_in_its_column():
    sink, stream = TableSink(out := io.StringIO()), SimpleNamespace(**vars(RUN), tracked=True)
    sink.open(stream)
    sink.write(person())
    sink.close()
    header, line = out.getvalue().splitlines()
    assert line[:25].endswith("       -") and header[:25].endswith("  person")


def test_table_when_numbers_are_large_then_it_keeps_its_columns():
    poses = person(seq=9_999_999)
    poses.boxes_q4[0], poses.keypoint_scores_q16[0] = 16384 * 16, 65535
    poses.t_ns, poses.n = 99_999 * 10**9, 2
    lines = table([person(), poses])
    assert {line.index("/17") for line in lines[1:]} == {lines[1].index("/17")}
    assert max(map(len, lines)) <= WIDTH < 100


def test_table_when_frames_have_names_then_they_stand_in_front():
    lines = table([person(file="a.jpg"), person(file="a/very/long/way/to/b.jpg"), person(file="bad\nname\x1b.jpg")])
    assert [line[:17].rstrip() for line in lines] == ["picture", "a.jpg", "..ng/way/to/b.jpg", "bad?name?.jpg"]


@pytest.mark.parametrize("no_colour, expected", [(False, b"\x1b[2m"), (True, b"nobody")])
def test_table_when_on_a_terminal_then_nobody_is_dim_unless_unwanted(no_colour, expected, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1") if no_colour else monkeypatch.delenv("NO_COLOR", raising=False)
    master, slave = os.openpty()
    with open(slave, "w") as terminal:
        table([person(n=0)], terminal)
        text = b""
        while b"nobody" not in text:
            text += os.read(master, 1000)
    os.close(master)
    assert expected in text and (b"\x1b" in text) != no_colour
