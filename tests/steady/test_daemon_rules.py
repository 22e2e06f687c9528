"""A camera with ten rules and eight people who come and go allocates nothing that stays, and little for a while."""

import gc
import sys
import tracemalloc

import numpy as np
import pytest

from edgepose.daemon.config.settings import KINDS, CameraSettings, RuleSettings, ZoneSettings
from edgepose.daemon.rules.book import RuleBook
from edgepose.pose import PoseBatch
from edgepose.skeleton import COCO17
from tests.rules_world import BOX, standing, toppled

ZONES = (ZoneSettings("box", BOX, 0.5, 0.2), ZoneSettings("door", ((0.5, 0.2), (0.5, 0.98))))
RULES = tuple(RuleSettings(kind, kind, {"line": ("door",)}.get(kind, ("box",))) for kind in KINDS)
FRAMES = [[np.round((toppled if n % 32 > 24 else lambda share, x: standing(x))(1, 40 + (70 * i + 4 * n) % 560) * 16)
           .astype(np.int32) for i in range(8)] for n in range(64)]
PERIOD = 1600  # frames after which everybody is where they were, and as many are there


@pytest.fixture
def step():
    """A function that puts frame n through the rules."""
    book, poses = RuleBook(CameraSettings("yard", "file", zones=ZONES, rules=RULES), COCO17), PoseBatch(8, COCO17)
    poses.width, poses.height = 640, 480

    def put(n):
        poses.n, poses.t_ns = 8 - n // 100 % 4, n * 100_000_000
        for i in range(poses.n):
            poses.keypoints_q4[i], poses.keypoint_scores_q16[i] = FRAMES[n % 64][i], 50000
            poses.boxes_q4[i] = 16 * (40 + (70 * i + 4 * n) % 560), 3200, 1600, 3200
            poses.track_ids[i] = 1 + i + 8 * (n // 400)
        book.asks(poses)
        return len(book.update(poses, "away"))
    return put


def test_rules_when_frames_go_on_then_nothing_stays(step):
    blocks, said = [], 0
    for _ in range(2):
        said += sum(step(n) for n in range(len(blocks) * PERIOD, (len(blocks) + 1) * PERIOD))
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert said and blocks[1] - blocks[0] < 100


def test_rules_when_nothing_is_said_then_a_frame_takes_under_four_kib(step):
    for n in range(420):
        step(n)
    tracemalloc.start()
    peaks = []
    for n in range(420, 520):
        start, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        if not step(n):
            peaks.append(tracemalloc.get_traced_memory()[1] - start)
    tracemalloc.stop()
    assert len(peaks) > 10 and np.median(peaks) < 4096
