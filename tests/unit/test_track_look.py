"""A look at a part of a picture, and where the gate saw something move beside people who are known."""

import numpy as np
import pytest

from edgepose import backends, decoders
from edgepose.backends.choice import CLIP
from edgepose.letterbox import Letterbox
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.skeleton import COCO17
from edgepose.sources import open_source
from edgepose.track import MotionGate
from edgepose.track.look import Look
from tests.conftest import random_frame


@pytest.fixture
def kept(rng):
    """A slot that keeps its frame."""
    slot, frame = Slot(192, 192), random_frame(rng, "nv12", 320, 240, seq=2, t_ns=7)
    Letterbox(192, 192).write(frame, slot)
    slot.describe(frame), slot.keep(frame)
    return slot


class Recorder:
    """A backend that notes what it is shown."""

    outputs = ()

    def __init__(self):
        self.shown = []

    def infer(self, slot):
        self.shown.append(slot)


class NoDecoder:
    capacity, skeleton = 1, COCO17

    def decode(self, outputs, slot, poses):
        poses.n = 0


def test_look_when_a_crop_is_taken_then_the_network_sees_what_the_letterbox_makes_of_it(kept, lightning):
    backend, crop, expected = Recorder(), (16 * 40, 16 * 30, 16 * 100, 16 * 100), Slot(192, 192)
    Look(lightning, backend, NoDecoder(), 3).take(kept, crop, 2)
    Letterbox.of(lightning.input).write(kept.frame, expected, crop)
    shown, = backend.shown
    assert np.array_equal(shown.tensor, expected.tensor) and (shown.seq, shown.t_ns, shown.width) == (2, 7, 320)


@pytest.mark.parametrize("ring_is_ours", [True, False])
def test_look_when_all_is_wanted_then_the_rings_slot_serves_if_it_is_of_this_model(kept, lightning, ring_is_ours):
    backend = Recorder()
    Look(lightning, backend, NoDecoder(), ring_is_ours=ring_is_ours).take(kept, None)
    assert (backend.shown[0] is kept) == ring_is_ours
    assert np.array_equal(backend.shown[0].tensor, kept.tensor)


def test_look_when_the_crop_lies_outside_of_the_frame_then_it_is_padding_and_no_fault(kept, lightning):
    backend = Recorder()
    Look(lightning, backend, NoDecoder()).take(kept, (16 * 5000, -16 * 3000, 16 * 100, 16 * 100))
    assert (backend.shown[0].tensor == lightning.input.pad).all()


def test_look_when_it_is_taken_then_it_learns_what_it_costs(kept, lightning):
    ticks = iter(range(0, 10**9, 3_000_000))
    look = Look(lightning, Recorder(), NoDecoder(), clock_ns=lambda: next(ticks))
    look.take(kept, None)
    assert look.cost_ns == 3_000_000


def test_look_for_several_when_the_network_is_real_then_both_people_of_the_clip_are_seen(lightning):
    backend = backends.create("tflite")
    backend.open(lightning, None)
    look = Look(lightning, backend, decoders.create(lightning, several=True))
    with open_source(str(CLIP)) as source:
        slot = Slot(192, 192)
        frame = source.read()
        slot.describe(frame), slot.keep(frame)
    look.take(slot, None)
    middles = {tuple(box[:2] + box[2:] // 2) for box in look.poses.boxes_q4[:look.poses.n] >> 4}
    assert sum(any(abs(x - u) < 25 and abs(y - v) < 40 for x, y in middles) for u, v in ((187, 84), (282, 80))) == 2
    backend.close()


def gate_after(change):
    """A gate that saw an even picture, then one with a change in it, and that slot of a 384 px square picture."""
    gate, slot = MotionGate(192, 192), Slot(192, 192)
    slot.width = slot.height = 384
    slot.fit.scale_q16, slot.tensor[:] = 2 << 16, 100
    gate.passes(slot)
    slot.t_ns = 40_000_000
    change(slot.tensor)
    gate.passes(slot)
    return gate, slot


def people(*boxes):
    poses = PoseBatch(4, COCO17)
    poses.n = len(boxes)
    for i, box in enumerate(boxes):
        poses.boxes_q4[i] = [16 * v for v in box]
    return poses


def spot(tensor):
    tensor[80:88, 40:48] = 200  # cell (10, 5), at 80..96, 160..176 px


def test_motion_when_somebody_is_known_there_then_it_is_theirs():
    gate, slot = gate_after(spot)
    assert np.argwhere(gate.motion_beside(people(), slot)).tolist() == [[10, 5]]
    assert not gate.motion_beside(people((60, 140, 40, 80)), slot).any()
    assert gate.motion_beside(people((200, 140, 40, 80)), slot).sum() == 1


def test_motion_when_a_box_reaches_over_the_edge_then_the_rest_is_still_seen():
    gate, slot = gate_after(lambda tensor: tensor.fill(200))
    left = gate.motion_beside(people((-300, -300, 200, 200), (370, 370, 500, 500)), slot)
    assert left[5, 5] and not left[23, 23]
