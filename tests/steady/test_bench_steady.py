"""The harness adds nothing to what it measures: no memory a frame, and the same poses."""

import gc
import sys
import tracemalloc

import numpy as np
import pytest

from edgepose import backends, decoders, native
from edgepose.bench.stamps import Stamps
from edgepose.bench.watched import WatchedBackend, WatchedDecoder, WatchedRing
from edgepose.letterbox import Letterbox
from edgepose.pipeline import Pipeline
from edgepose.pose import PoseBatch
from edgepose.ring import FrameRing
from tests.conftest import random_frame
from tests.steady.test_memory import LoopSource

compiled = pytest.mark.skipif(native.KIND == "twins", reason="the twins allocate; no compiled kernels here")


@compiled
def test_watched_frame_allocates_less_than_4_kib_and_keeps_nothing(lightning, rng):
    stamps = Stamps(1)
    ring, letterbox = WatchedRing(FrameRing(192, 192), stamps), Letterbox(192, 192)
    network = WatchedBackend(backends.create("replay"), stamps)
    network.open(lightning, ring)
    decoder, poses = WatchedDecoder(decoders.create(lightning), stamps), PoseBatch(1, lightning.skeleton)
    frame = random_frame(rng, "yuv420p", 320, 240)

    def one():
        slot = ring.claim()
        letterbox.write(frame, slot)
        slot.describe(frame)
        ring.publish(slot)
        slot = ring.take()
        network.infer(slot)
        decoder.decode(network.outputs, slot, poses)
        ring.release(slot)
        frame.seq += 1

    for _ in range(50):
        one()
    tracemalloc.start()
    one()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    one()
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    gc.collect()
    blocks = sys.getallocatedblocks()
    for _ in range(1000):
        one()
    gc.collect()  # lists of free tuples are no growth
    assert peak < 4096 and sys.getallocatedblocks() - blocks <= 16
    assert np.count_nonzero(stamps.take) == frame.seq


def test_watched_pipeline_gives_the_same_poses(lightning, rng):
    frame, found = random_frame(rng, "gray8", 64, 48), []
    for watched in (False, True):
        frame.seq = -1
        stamps = Stamps(1)
        backend, decoder = backends.create("replay"), decoders.create(lightning)
        if watched:
            backend, decoder = WatchedBackend(backend, stamps), WatchedDecoder(decoder, stamps)
        with Pipeline(LoopSource(frame, 20), lightning, backend, decoder) as stages:
            stages.ring = WatchedRing(stages.ring, stamps) if watched else stages.ring
            found.append([poses.keypoints_q4.tolist() for poses in stages])
    assert found[0] == found[1] and len(found[0]) == 20
