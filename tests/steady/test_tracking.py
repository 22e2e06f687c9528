"""A pipeline that tracks eight people allocates nothing after the first frames: looks, tracker, gate, all of it."""

import gc
import sys
import tracemalloc

import numpy as np
import psutil
import pytest

from edgepose import native
from edgepose.ring import Slot
from edgepose.skeleton import COCO17
from edgepose.sources.figure import keypoints_at
from edgepose.track import Options, Tracker
from edgepose.track.budget import Budget
from edgepose.track.crops import CropFinder
from edgepose.track.look import Look
from edgepose.track.pipeline import TrackedPipeline
from edgepose.track.scan import Scan
from tests.conftest import random_frame
from tests.doubles import ListSource

compiled = pytest.mark.skipif(native.KIND == "twins", reason="the twins allocate; no compiled kernels here")
FIGURES = [np.round((keypoints_at(n / 9) * 120 + (60, 300)) * 16).astype(np.int32) for n in range(57)]
APART_Q4, FRAME_NS = 2200, 33_333_333


class Still:
    """A backend that has nothing to do."""

    name, outputs = "still", ()

    def open(self, model, ring):
        pass

    def infer(self, slot):
        pass

    def close(self):
        pass


class Aim:
    """Aims as a letterbox does, and leaves the pixels alone; what those cost is in test_memory.py."""

    def write(self, frame, slot, crop):
        slot.fit.x0_q16, slot.fit.y0_q16, slot.fit.scale_q16 = crop[0] << 12, crop[1] << 12, (crop[2] << 12) // 192


class FigureDecoder:
    """Writes whom a crop shows of eight people who walk side by side, the last of whom comes and goes."""

    skeleton = COCO17

    def __init__(self, capacity):
        self.capacity = capacity

    def decode(self, outputs, slot, poses):
        n = slot.t_ns // FRAME_NS
        n_there = 8 - (n % 50 > 40)
        middle = (slot.fit.x0_q16 >> 12) + (slot.fit.scale_q16 * 96 >> 12) - 960 - n % 400
        first = 0 if self.capacity > 1 else min(max((middle + APART_Q4 // 2) // APART_Q4, 0), 7)
        poses.n = min(self.capacity, max(n_there - first, 0))
        for i in range(poses.n):
            np.add(FIGURES[n % len(FIGURES)], ((first + i) * APART_Q4 + n % 400, 0), out=poses.keypoints_q4[i],
                   casting="same_kind")
            poses.keypoint_scores_q16[i], poses.scores_q16[i] = 50000, 60000
            poses.boxes_q4[i] = (first + i) * APART_Q4 + 500 + n % 400, 3800, 1000, 2000


@pytest.fixture
def run(lightning, rng):
    """A function that puts frame n through everything behind the ring, and returns how many people were reported."""
    pipeline = TrackedPipeline(ListSource([]), lightning, Still(), FigureDecoder(1), Options(scout="none"))
    look = Look(lightning, Still(), FigureDecoder(1), 9)
    look._letterbox = Aim()
    several = Look(lightning, Still(), FigureDecoder(16), ring_is_ours=True)
    several._letterbox = Aim()
    pipeline.view.finder = CropFinder(look, [Scan(several, 150_000_000, 100_000_000)], Tracker(16, COCO17, 8),
                                  Budget(None, 18), 16)
    slot, frame = Slot(192, 192), random_frame(rng, "gray8", 1280, 720)
    slot.describe(frame), slot.keep(frame)
    slot.fit.scale_q16 = (1280 << 16) // 192

    def step(n):
        slot.t_ns, slot.tensor[40 + n % 100, 40:80] = n * FRAME_NS, n % 251
        pipeline.find(slot)
        return pipeline.poses.n

    with pipeline:
        yield step


@compiled
def test_tracking_when_2500_frames_pass_then_no_blocks_are_kept_and_resident_memory_is_flat(run):
    blocks, resident, n_most, process = {}, [], 0, psutil.Process()
    for n in range(2501):
        n_most = max(n_most, run(n))
        if n in (500, 2500):
            gc.collect()
            blocks[n] = sys.getallocatedblocks()
        if n % 250 == 249:
            resident.append(process.memory_info().rss)
    assert n_most == 8 and blocks[2500] - blocks[500] <= 16
    assert max(resident[1:]) - resident[1] < 1 << 20


@compiled
def test_tracking_when_a_frame_passes_then_less_than_4_kib_at_its_peak(run):
    for n in range(200):
        run(n)
    tracemalloc.start()
    run(200)
    peaks = []
    for n in range(201, 260):
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        run(n)
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    assert max(peaks) < 4096
