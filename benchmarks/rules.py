"""What the daemon's rules cost a frame: CPU time of the thread, microseconds, eight people who walk about, ten rules.

    python benchmarks/rules.py [--people N] [--frames N]
"""

import argparse
import time

import numpy as np

from edgepose.daemon.config.settings import KINDS, CameraSettings, RuleSettings, ZoneSettings
from edgepose.daemon.rules.book import RuleBook
from edgepose.pose import PoseBatch
from edgepose.skeleton import COCO17
from edgepose.sources.figure import keypoints_at

WIDTH, HEIGHT, TALL = 1280, 720, 200
ZONES = (ZoneSettings("yard", ((0.1, 0.2), (0.5, 0.1), (0.9, 0.3), (0.8, 0.9), (0.2, 0.95)), 0.5, 0.2),
         ZoneSettings("bed", ((0.7, 0.7), (0.9, 0.7), (0.9, 0.9))), ZoneSettings("door", ((0.5, 0.2), (0.5, 0.98))))


def main():
    """Print p50 and p99."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=8, metavar="N")
    parser.add_argument("--frames", type=int, default=3000, metavar="N")
    options = parser.parse_args()
    for name, kinds in [("all ten", KINDS), *((kind, (kind,)) for kind in KINDS), ("none", ())]:
        costs = sorted(costs_us(kinds, options.people, options.frames))
        print(f"{name:<10} p50 {costs[len(costs) // 2]:6.0f}  p99 {costs[len(costs) * 99 // 100]:6.0f}")


def costs_us(kinds, n_people, n_frames):
    """[us] a frame."""
    book, poses, costs = RuleBook(camera(kinds), COCO17), PoseBatch(n_people, COCO17), []
    poses.width, poses.height = WIDTH, HEIGHT
    for n in range(n_frames):
        walk(poses, n)
        start_ns = time.thread_time_ns()
        book.asks(poses)
        book.update(poses, "away")
        costs.append((time.thread_time_ns() - start_ns) / 1e3)
    return costs[100:]


def camera(kinds):
    """CameraSettings with a rule of each kind."""
    zones = {"line": ("door",), "blind": ()}
    return CameraSettings("yard", "file", zones=ZONES, rules=tuple(
        RuleSettings(kind, kind, zones.get(kind, ("yard",)), ("bed",) if kind == "fall" else ()) for kind in kinds))


def walk(poses, n):
    """People who walk to and fro, frame by frame, 10 a second."""
    poses.n, poses.t_ns, poses.seq = poses.capacity, n * 100_000_000, n
    for i in range(poses.n):
        x = 100 + abs((37 * i + 6 * n) % 2160 - 1080)
        xy = np.round((keypoints_at(n / 3 + i) * TALL + (x, 300 + 40 * (i % 4))) * 16).astype(np.int32)
        poses.keypoints_q4[i], poses.keypoint_scores_q16[i], poses.scores_q16[i] = xy, 50000, 60000
        poses.boxes_q4[i] = *xy.min(axis=0), *np.ptp(xy, axis=0)
        poses.track_ids[i] = i + 1


if __name__ == "__main__":
    main()
