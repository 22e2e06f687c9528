"""Rules on real clips, with the real network."""

import sys

import numpy as np
import pytest

from edgepose import decoders
from edgepose.backends.choice import CLIP
from edgepose.daemon.rules.sideways import Ask, SidewaysLook
from edgepose.frame import Frame
from edgepose.letterbox import Letterbox
from edgepose.pose import PoseBatch
from edgepose.ring import FrameRing, Slot
from edgepose.sources import open_source
from tests.conftest import ROOT, create_backend


@pytest.fixture
def watch(lightning, monkeypatch):
    """Puts clips through model, tracker and rules."""
    create_backend("tflite")
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import falls

    yield falls.Watch(lightning, 10, sideways=True)
    sys.modules.pop("falls")


@pytest.mark.parametrize("clip, n_falls", [
    ("falls-urfd/fall-21-cam0-rgb.mp4", 1), ("activities-upfall/Activity5_Subject1_Trial1Cam1.mp4", 1),
    ("activities-upfall/Activity9_Subject1_Trial1Cam1.mp4", 0)])
def test_falls_when_the_clip_is_real_then_they_are_found(watch, data, clip, n_falls):
    if not (data / "clips" / clip).is_file():
        pytest.skip(f"no {clip} in {data}")
    begins, _, _ = watch.events(data / "clips" / clip, "fall")
    assert len(begins) == n_falls


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_look_when_a_real_picture_is_turned_then_it_finds_the_same_pose(lightning, quarters):
    backend, decoder = create_backend("tflite"), decoders.create(lightning)
    backend.open(lightning, FrameRing(192, 192))
    with open_source(str(CLIP)) as source:
        upright = _square_of(source.read())
    look = SidewaysLook(lightning, backend, decoder)
    found = [_pose_of(look, frame, turns) for frame, turns in (
        (upright, 0), (np.ascontiguousarray(np.rot90(upright, -quarters)), quarters))]
    backend.close()
    xy = found[1].copy()
    for _ in range(quarters):
        xy = np.stack([xy[:, 1], len(upright) - xy[:, 0]], axis=1)  # a quarter counter-clockwise
    assert np.abs(xy - found[0]).max() < 1.0


def _square_of(frame):
    """uint8 (side, side, 3), BGR, of the left side of a frame."""
    slot = Slot(frame.height, frame.height)
    Letterbox(frame.height, frame.height).write(frame, slot, (0, 0, frame.height << 4, frame.height << 4))
    return slot.tensor


def _pose_of(look, picture, turns):
    """float (17, 2) px of the person in a square picture, looked at with a turn."""
    side, slot, poses = len(picture), Slot(192, 192), PoseBatch(1, look._decoder.skeleton)
    slot.keep(Frame("bgr24", side, side, [picture.reshape(-1)], [3 * side]))
    slot.describe(slot.frame)
    poses.width = poses.height = side
    assert look.look(slot, Ask(1, (0, 0, side << 4, side << 4), (turns,)), poses) == 0
    return poses.keypoints_q4[0] / 16
