"""The ring of poses, and skeleton clips as files."""

import gzip
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from edgepose.daemon.clips import document
from edgepose.daemon.clips.skeleton import SkeletonRing
from edgepose.errors import ConfigError
from edgepose.skeleton import COCO17
from tests.daemon_clips import CAMERA, MS, WALL_MS, S, event, poses

SCHEMA = json.loads((Path(document.__file__).parents[2] / "schemas" / "clip-1.schema.json").read_text())
TIMES = {"begin_ms": WALL_MS, "length_ms": 900, "opened_ms": 300, "closed_ms": None, "ended": "open", "gaps": []}


def filled(n_frames, capacity_s=1.0, **more):
    ring = SkeletonRing(capacity_s, 4, COCO17, fps=10)
    for i in range(n_frames):
        ring.remember(poses(i * 100 * MS, **more))
    return ring


def test_ring_when_cut_then_frames_of_that_time_in_order():
    cut = filled(10).cut(200 * MS, 500 * MS)
    assert [frame[0] for frame in cut.frames(200 * MS)] == [0, 100, 200, 300]


def test_ring_when_more_came_than_it_holds_then_the_oldest_are_gone():
    ring = filled(100)
    times = [frame[0] for frame in ring.cut(0, 10 * S).frames(0)]
    assert times == list(range(8200, 10000, 100))


def test_ring_when_cut_then_coordinates_are_exact_and_scores_percent():
    [[_, [[track_id, score, points]]]] = filled(1).cut(0, 0).frames(0)
    assert (track_id, score, points[:6]) == (3, 80, [1600, 1600, 92, 1920, 1840, 92])
    assert len(points) == 3 * 17


def test_ring_when_a_keypoint_was_not_found_then_it_is_all_zero():
    ring, frame = SkeletonRing(1, 1, COCO17), poses(0)
    frame.keypoint_scores_q16[0, 5] = 0
    ring.remember(frame)
    [[_, [[_, _, points]]]] = ring.cut(0, 0).frames(0)
    assert points[15:18] == [0, 0, 0] and points[12:15] != [0, 0, 0]


def test_ring_when_there_are_too_many_people_then_the_first_are_kept():
    [[_, people]] = filled(1, n=7).cut(0, 0).frames(0)
    assert [person[0] for person in people] == [3, 4, 5, 6]


def test_ring_when_the_size_changes_then_all_is_in_the_last_one():
    ring = filled(1, size=(1280, 960))
    ring.remember(poses(100 * MS, size=(640, 480)))
    cut = ring.cut(0, S)
    [[_, [[_, _, before]]], [_, [[_, _, after]]]] = cut.frames(0)
    assert cut.size == (640, 480) and before[:2] == [800, 800] and after[:2] == [1600, 1600]


def test_ring_when_time_goes_back_then_what_came_before_is_forgotten():
    ring = filled(5)
    ring.remember(poses(50 * MS))
    assert [frame[0] for frame in ring.cut(0, S).frames(0)] == [50]


def test_ring_when_empty_then_so_is_the_cut():
    cut = SkeletonRing(1, 4, COCO17).cut(0, S)
    assert len(cut) == 0 and list(cut.frames(0)) == []


@pytest.mark.parametrize("n", [0, 1, 4])
def test_clip_when_packed_then_it_fits_its_schema_and_reads_back(tmp_path, n):
    cut = filled(10, n=n).cut(0, S)
    data = document.pack(document.head(event(), CAMERA, COCO17, cut.size, TIMES), cut.frames(0))
    (tmp_path / "a.json.gz").write_bytes(data)
    clip = document.read(tmp_path / "a.json.gz")
    Draft202012Validator(SCHEMA).validate(clip)
    assert clip["frames"] == json.loads(json.dumps(list(cut.frames(0)))) and len(clip["frames"][0][1]) == n
    assert clip["event"]["id"] == event().id and clip["zones"][0]["points"][0] == [0.1, 0.4]


def test_clip_when_packed_then_a_second_takes_little():
    cut = filled(10, n=2).cut(0, S)
    assert len(document.pack(document.head(event(), CAMERA, COCO17, cut.size, TIMES), cut.frames(0))) < 2000


def packed(data):
    """Gzip's bytes, without the time: it would be a part of a test's name, and every worker has another."""
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize("data", [b"", b"no gzip", packed(b"{"), packed(b"[1]"), packed(b"{}"),
                                  packed(b'{"schema":"other"}'), packed(b"{}")[:-4]])
def test_clip_when_the_file_is_none_then_one_line_says_so(tmp_path, data):
    (tmp_path / "a.json.gz").write_bytes(data)
    with pytest.raises(ConfigError, match=r"a\.json\.gz: no skeleton clip: [^\n]+$"):
        document.read(tmp_path / "a.json.gz")
