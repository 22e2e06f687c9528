"""Nothing is allocated after the first frames: blocks, the peak within a frame, and resident memory."""

import gc
import sys
import tracemalloc

import numpy as np
import psutil
import pytest

from edgepose import backends, decoders, native
from edgepose.letterbox import Letterbox
from edgepose.pipeline import Pipeline
from edgepose.pose import PoseBatch
from edgepose.ring import FrameRing
from tests.conftest import random_frame

compiled = pytest.mark.skipif(native.KIND == "twins", reason="the twins allocate; no compiled kernels here")


class LoopSource:
    """The same frame n times, as a camera lends it."""

    name, live, n_frames, fps, n_broken = "loop", False, None, None, 0

    def __init__(self, frame, n):
        self._frame, self._left = frame, n

    def read(self):
        if not self._left:
            return None
        self._left -= 1
        self._frame.seq += 1
        return self._frame

    def close(self):
        """Nothing to free."""


def pipeline(model, frame, n, backend="replay"):
    return Pipeline(LoopSource(frame, n), model, backends.create(backend), decoders.create(model))


@compiled
def test_allocated_blocks_do_not_grow_between_500_and_5000_frames(lightning, rng):
    blocks = {}
    with pipeline(lightning, random_frame(rng, "yuv420p", 320, 240), 5000) as stages:
        for n, _ in enumerate(stages, 1):
            if n in (500, 5000):
                gc.collect()
                blocks[n] = sys.getallocatedblocks()
    assert blocks[5000] - blocks[500] <= 16  # what the two threads hold at the moment of counting


@compiled
@pytest.mark.parametrize("backend", ["tflite", "replay"])
@pytest.mark.parametrize("format", ["bgr24", "yuv420p"])
def test_one_frame_allocates_less_than_4_kib(lightning, rng, backend, format):
    ring, letterbox = FrameRing(192, 192), Letterbox(192, 192)
    network, decoder, poses = backends.create(backend), decoders.create(lightning), PoseBatch(1, lightning.skeleton)
    network.open(lightning, ring)
    frame = random_frame(rng, format, 640, 480)

    def one():
        slot = ring.claim()
        letterbox.write(frame, slot)
        slot.describe(frame)
        ring.publish(slot)
        slot = ring.take()
        network.infer(slot)
        decoder.decode(network.outputs, slot, poses)
        ring.release(slot)

    for _ in range(50):
        one()
    tracemalloc.start()
    one()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    one()
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 4096


@compiled
def test_moving_crops_allocate_nothing_either(rng, slot):
    letterbox, frame = Letterbox(192, 192), random_frame(rng, "nv12", 640, 480)
    crops = [(16 * i, 8 * i, 3000 + i, 3000 + i) for i in range(200)]
    for crop in crops:
        letterbox.write(frame, slot, crop)
    tracemalloc.start()
    for crop in crops:
        letterbox.write(frame, slot, crop)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4096


def test_resident_memory_is_flat_over_10000_frames(lightning, rng):
    resident, process = [], psutil.Process()
    with pipeline(lightning, random_frame(rng, "gray8", 64, 48), 10000) as stages:
        for n, _ in enumerate(stages, 1):
            if n % 1000 == 0:
                resident.append(process.memory_info().rss)
    assert max(resident[1:]) - resident[1] < 1 << 20


def test_poses_are_written_in_place(lightning, rng):
    with pipeline(lightning, random_frame(rng, "gray8", 64, 48), 50) as stages:
        homes = {(poses.keypoints_q4.ctypes.data, poses.keypoint_scores_q16.ctypes.data) for poses in stages}
    assert len(homes) == 1 and np.frombuffer(stages.poses.keypoints_q4, np.int32).size == 34
