"""Where people are looked for: the parts of a picture, whose turn it is, and what a frame may cost."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose.errors import ConfigError
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.skeleton import COCO17
from edgepose.sources.figure import keypoints_at
from edgepose.track import Options
from edgepose.track.budget import Budget
from edgepose.track.regions import OVERLAP_PARTS, regions
from edgepose.track.scan import WHOLE_NS, Scan
from edgepose.track.twins import Twins
from tests.people_world import Eye, World, put

MS = 1_000_000


# ---- parts of a picture

@settings(max_examples=200, deadline=None)
@given(st.integers(1, 8000), st.integers(1, 8000), st.sampled_from([(192, 192), (456, 256), (656, 368)]))
def test_regions_when_any_frame_is_covered_then_every_pixel_is_in_a_tile_and_seams_overlap(width, height, size):
    whole, *tiles = regions((width, height), size)
    assert whole is None and 1 <= len(tiles) <= 40
    for axis, length in enumerate((width << 4, height << 4)):
        spans = sorted({(tile[axis], tile[axis] + tile[axis + 2]) for tile in tiles})
        assert spans[0][0] <= 0 and spans[-1][1] >= length
        for (_, end), (start, _) in pairwise(spans):
            assert end - start >= tiles[0][axis + 2] // OVERLAP_PARTS - 1


def test_regions_when_the_picture_is_4_to_3_then_tiles_are_half_as_wide_in_three_columns_and_two_rows():
    tiles = regions((768, 576), (192, 192))[1:]
    assert tiles[0] == (0, 0, 384 * 16, 384 * 16) and len(tiles) == 6
    assert {tile[0] for tile in tiles} == {0, 192 * 16, 384 * 16} and {tile[1] for tile in tiles} == {0, 192 * 16}


# ---- whose turn it is

def scan_and_slot(rest_ms=150, least_ms=100):
    slot = Slot(192, 192)
    slot.width, slot.height, slot.fit.scale_q16 = 768, 576, 4 << 16
    return Scan(Eye(World(), several=True), rest_ms * MS, least_ms * MS), slot


def look_ahead(scan, slot, times_ms, motion=None, is_urgent=False):
    """The parts that are looked at at each of some times."""
    parts = []
    for t_ms in times_ms:
        slot.t_ns = t_ms * MS
        parts.append(scan.next(slot, motion, is_urgent))
        if parts[-1] >= 0:
            scan.crop(parts[-1], slot.t_ns)
    return parts


def test_scan_when_nothing_moves_then_all_parts_come_in_turn_after_their_rest():
    parts = look_ahead(*scan_and_slot(), range(0, 2100, 50))
    assert [part for part in parts if part >= 0] == [*range(7), *range(7)]
    assert all(part < 0 for part in parts[1:3]) and parts[3] == 1


def test_scan_when_something_moves_in_a_tile_then_it_comes_before_its_time():
    scan, slot = scan_and_slot()
    look_ahead(scan, slot, range(0, 1050, 150))
    motion = np.zeros((24, 24), bool)
    motion[16, 22] = True  # bottom right: the whole picture shows it, and the last tile
    assert look_ahead(scan, slot, (1000, 1050, 1100, 1200), motion) == [0, -1, 6, 0]


def test_scan_when_nobody_is_followed_then_the_whole_picture_comes_often():
    parts = look_ahead(*scan_and_slot(), range(0, 1300, 100), is_urgent=True)
    assert [i for i, part in enumerate(parts) if part == 0] == list(range(0, 13, WHOLE_NS // (100 * MS)))
    assert set(parts) == set(range(7))


def test_scan_when_time_jumps_back_or_the_size_changes_then_it_begins_anew():
    scan, slot = scan_and_slot()
    look_ahead(scan, slot, range(5000, 6000, 150))
    assert look_ahead(scan, slot, [0]) == [0]
    slot.width = 400
    assert look_ahead(scan, slot, [1]) == [0]


def test_scan_when_every_part_was_looked_at_then_it_is_settled():
    scan, slot = scan_and_slot()
    assert not scan.is_settled
    look_ahead(scan, slot, range(0, 850, 150))
    assert not scan.is_settled
    look_ahead(scan, slot, [900])
    assert scan.is_settled


def test_scan_when_it_waited_for_twice_its_time_then_it_is_late():
    scan, slot = scan_and_slot()
    look_ahead(scan, slot, [0])
    assert not scan.is_late(299 * MS) and scan.is_late(300 * MS)


# ---- what a frame may cost

class Clock:
    now_ns = 0

    def __call__(self):
        return self.now_ns


@pytest.mark.parametrize("limit_ms, granted", [(None, 5), (10, 3), (9, 3), (8, 2), (1, 1)])
def test_budget_when_looks_cost_three_ms_then_as_many_are_granted_as_fit(limit_ms, granted):
    clock = Clock()
    budget = Budget(limit_ms and limit_ms * MS, 5, clock)
    for _ in range(2):
        budget.begin()
        while budget.grants(3 * MS):
            clock.now_ns += 3 * MS
        budget.end()
        assert budget.n_looks == granted and budget.spent_ns == granted * 3 * MS


@pytest.mark.parametrize("wrong, word", [
    ({"max_people": 0}, "max people"), ({"max_people": 65}, "64"), ({"max_people": 1.5}, "max people"),
    ({"budget_ms": 0}, "budget"), ({"budget_ms": float("nan")}, "budget"), ({"budget_ms": -1.0}, "milliseconds")])
def test_options_when_a_number_is_out_of_range_then_it_is_named(wrong, word):
    with pytest.raises(ConfigError, match=word):
        Options(**wrong)


# ---- poses of the same body

def batch(*people):
    poses = PoseBatch(8, COCO17)
    for xy, score in people:
        put(poses, xy, score)
    return poses


def body(x, y=300.0):
    return keypoints_at(0.3) * 100 + (x, y)


def test_twins_when_two_poses_are_of_one_body_then_the_better_one_stays():
    poses = batch((body(200), 0.5), (body(400), 0.5), (body(202), 0.6))
    Twins(8, COCO17).drop_from(poses)
    assert poses.n == 2 and poses.keypoints_q4[:2, 0, 0].tolist() == [
        round(body(x)[0, 0] * 16) for x in (400, 202)]


def test_twins_when_they_are_equal_then_the_first_stays():
    poses = batch((body(200), 0.5), (body(200), 0.5), (body(200), 0.5))
    Twins(8, COCO17).drop_from(poses)
    assert poses.n == 1


@pytest.mark.parametrize("beside_px", [15, 25, 40])
def test_twins_when_two_bodies_are_close_then_both_stay(beside_px):
    poses = batch((body(200), 0.5), (body(200 + beside_px), 0.6))
    Twins(8, COCO17).drop_from(poses)
    assert poses.n == 2
