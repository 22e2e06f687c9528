"""The motion gate: stillness, noise, small and slow movement, the clock, and people who are tracked."""

import numpy as np
import pytest

from edgepose.errors import ConfigError
from edgepose.letterbox import Letterbox
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.skeleton import COCO17
from edgepose.sources import open_source
from edgepose.track.gate import ALERT_NS, LEAST_BYTES, LEAST_LEVELS, REFRESH_NS, MotionGate

MS = 1_000_000


def look(gate, slot, t_ns, tensor=None):
    """Whether a tensor passes at a time."""
    slot.t_ns = t_ns
    if tensor is not None:
        slot.tensor[:] = tensor
    return gate.passes(slot)


@pytest.fixture
def gate():
    return MotionGate(192, 192, capacity=4)


@pytest.fixture
def still(rng, slot):
    slot.tensor[:] = rng.integers(0, 256, slot.tensor.shape)
    return slot


def test_gate_when_nothing_changes_then_only_the_first_frame_and_one_a_second_pass(gate, still):
    passed = [n for n in range(100) if look(gate, still, n * 33 * MS)]
    assert passed == [0, 31, 62, 93] and (gate.n_open, gate.n_shut) == (4, 96)


@pytest.mark.parametrize("y, x", [(0, 0), (96, 100), (184, 184), (91, 3)])
def test_gate_when_a_cell_changes_anywhere_then_the_frame_passes(gate, still, y, x):
    assert look(gate, still, 0) and not look(gate, still, 33 * MS)
    still.tensor[y:y + 8, x:x + 8] ^= 128
    assert look(gate, still, 66 * MS) and not look(gate, still, 99 * MS)


@pytest.mark.parametrize("n_bytes, levels, passes", [
    (LEAST_BYTES, LEAST_LEVELS + 1, True), (LEAST_BYTES - 1, LEAST_LEVELS + 1, False),
    (LEAST_BYTES, LEAST_LEVELS, False), (192, LEAST_LEVELS + 1, True), (192, LEAST_LEVELS, False), (192, 255, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_gate_when_bytes_of_a_cell_change_then_count_and_levels_decide(gate, slot, n_bytes, levels, passes, sign):
    look(gate, slot, 0, 0 if sign > 0 else 255)
    cell = np.zeros(192, int)
    cell[:n_bytes] = levels * sign
    tensor = slot.tensor.astype(int)
    tensor[48:56, 80:88] += cell.reshape(8, 8, 3)
    assert look(gate, slot, MS, tensor) == passes


def test_gate_when_counted_by_lanes_then_as_counted_plainly(gate, rng, slot):
    look(gate, slot, 0, rng.integers(0, 256, slot.tensor.shape))
    before, after = slot.tensor.astype(int), rng.integers(0, 256, slot.tensor.shape)
    look(gate, slot, MS, after)
    plain = (np.abs(after - before) > LEAST_LEVELS).reshape(24, 8, 24, 8, 3).sum(axis=(1, 3, 4))
    assert np.array_equal(gate._cells, plain)


def test_gate_when_all_creeps_then_change_adds_up_until_a_frame_passes(gate, slot):
    passed = [n for n in range(20) if look(gate, slot, n * MS, 100 + 2 * n)]
    assert passed == [0, 9, 18]


@pytest.mark.parametrize("size", ["640x480", "1280x720"])
def test_gate_when_the_camera_only_has_noise_then_it_stays_shut(gate, slot, size):
    letterbox = Letterbox(192, 192)
    with open_source(f"synthetic:{size}@30?people=0&noise=8&frames=30") as source:
        for frame in source:
            letterbox.write(frame, slot)
            slot.describe(frame)
            gate.passes(slot)
    assert gate.n_open == 1


def test_gate_when_the_figure_walks_then_every_frame_passes(gate, slot):
    letterbox = Letterbox(192, 192)
    with open_source("synthetic:640x480@10?noise=4&frames=60") as source:
        for frame in source:
            letterbox.write(frame, slot)
            slot.describe(frame)
            gate.passes(slot)
    assert gate.n_shut == 0


def test_gate_when_time_repeats_then_it_stays_shut_and_when_it_jumps_then_it_opens(gate, still):
    assert look(gate, still, 5000 * MS) and not look(gate, still, 5000 * MS)
    assert look(gate, still, 4999 * MS) and not look(gate, still, 5000 * MS)
    assert look(gate, still, 4999 * MS + REFRESH_NS)


def test_gate_when_the_crop_moves_then_the_frame_passes(gate, still):
    assert look(gate, still, 0) and not look(gate, still, MS)
    still.fit.x0_q16 += 1
    assert look(gate, still, 2 * MS) and not look(gate, still, 3 * MS)


def test_gate_when_it_is_reset_then_the_next_frame_passes(gate, still):
    look(gate, still, 0)
    gate.reset()
    assert look(gate, still, MS)


def people(t_ns, *boxes, ids=None):
    """A PoseBatch of boxes in px."""
    poses = PoseBatch(8, COCO17)
    poses.n, poses.t_ns = len(boxes), t_ns
    for i, box in enumerate(boxes):
        poses.boxes_q4[i], poses.track_ids[i] = np.array(box) * 16, i + 1 if ids is None else ids[i]
    return poses


def calm(gate, still, *boxes):
    """Watch people until they count as still; the time in ns."""
    look(gate, still, 0)
    gate.watch(people(0, *boxes))
    look(gate, still, ALERT_NS)
    gate.watch(people(ALERT_NS, *boxes))
    return ALERT_NS


def test_gate_when_somebody_new_is_tracked_then_it_is_open_for_a_second(gate, still):
    look(gate, still, 0)
    gate.watch(people(0, (100, 100, 50, 100)))
    assert look(gate, still, ALERT_NS // 2) and look(gate, still, ALERT_NS) and not look(gate, still, ALERT_NS + MS)


@pytest.mark.parametrize("way, is_open", [((10, 0), True), ((0, -10), True), ((4, 4), False)])
def test_gate_when_a_tracked_person_moves_then_it_is_open_though_no_cell_changes(gate, still, way, is_open):
    t_ns = calm(gate, still, (100, 100, 50, 100)) + 10 * MS
    gate.watch(people(t_ns, (100 + way[0], 100 + way[1], 50, 100)))
    assert look(gate, still, t_ns + MS) == is_open


def test_gate_when_a_tracked_person_creeps_then_ways_add_up(gate, still):
    t_ns, opened = calm(gate, still, (100, 100, 50, 100)) + MS, []
    for n in range(6):
        gate.watch(people(t_ns, (100 + 3 * n, 100, 50, 100)))
        opened.append(look(gate, still, t_ns + 10 * n * MS))
    assert opened == [False, False, False, True, True, True]


def test_gate_when_somebody_without_an_id_moves_then_only_the_picture_counts(gate, still):
    t_ns = calm(gate, still) + MS
    gate.watch(people(t_ns, (100, 100, 50, 100), ids=[-1]))
    assert not look(gate, still, t_ns)


def test_gate_when_more_people_are_tracked_than_it_can_watch_then_it_is_open(gate, still):
    crowd = [(60 * i, 100, 50, 100) for i in range(5)]
    t_ns = calm(gate, still, *crowd) + MS
    assert look(gate, still, t_ns)


def test_gate_when_people_come_and_go_then_places_are_free_again(gate, still):
    for first in range(1, 40, 4):
        gate.watch(people(0, *[(60 * i, 100, 50, 100) for i in range(4)], ids=range(first, first + 4)))
    assert sorted(gate._ids) == [37, 38, 39, 40]


@pytest.mark.parametrize("size", [(257, 256), (256, 100), (0, 8)])
def test_gate_when_the_input_is_no_multiple_of_a_cell_then_one_line_says_so(size):
    with pytest.raises(ConfigError, match=f"multiples of 8 px, got {size[0]}x{size[1]}"):
        MotionGate(*size)


def test_gate_when_the_input_is_wide_then_the_last_cell_counts():
    gate, slot = MotionGate(256, 456), Slot(256, 456)
    assert look(gate, slot, 0) and not look(gate, slot, MS)
    slot.tensor[-8:, -8:] = 200
    assert look(gate, slot, 2 * MS)
