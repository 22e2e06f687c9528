"""What tracking costs, and whether crops that follow people cut off their limbs.

    python benchmarks/tracking.py --costs
    python benchmarks/tracking.py --crops CLIP [--model NAME] [--max-people N]

Costs are CPU time of the thread, microseconds a frame, p50 / p99, with eight people, beside the network's. Crops: every
crop that follows somebody is looked at once more at 1.5 times its size about its middle. A limb is cut off where that
look, if it is of the same body as the pose before, sees a keypoint with 0.4 or more outside of the crop; twice in a row
where the same keypoint of the same person was cut off the time before. How well people are found and told apart is what
`edgepose eval --tracks` measures.
"""

import argparse
import time

import numpy as np

from edgepose import backends, decoders, model
from edgepose.letterbox import Letterbox
from edgepose.pose import PoseBatch, score_to_q16
from edgepose.ring import Slot
from edgepose.skeleton import COCO17
from edgepose.sources import open_source
from edgepose.track import CropFollower, MotionGate, Options, Smoother, Tracker
from edgepose.track.look import Look
from edgepose.track.pipeline import TrackedPipeline
from edgepose.track.twins import Twins

WIDER, SEEN_Q16 = 1.5, score_to_q16(0.4)


def main():
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--costs", action="store_true")
    parser.add_argument("--crops", metavar="CLIP")
    parser.add_argument("--model", default=model.DEFAULT, metavar="NAME")
    parser.add_argument("--max-people", type=int, metavar="N")
    options = parser.parse_args()
    if options.costs:
        costs()
    if options.crops:
        crops(options.crops, model.load(options.model), options.max_people)


class WatchedLook(Look):
    """A look that takes a wider one before each crop that follows somebody."""

    def __init__(self, made, backend, decoder, finder):
        self._newcomers = len(finder.tracker.table.slots)
        super().__init__(made, backend, decoder, self._newcomers + 1)
        wide = decoders.create(made)
        wide.set_min_score(0)
        self._wide, self._before = Look(made, backend, wide), finder._last
        self._cut_before, self.n, self.n_cut, self.n_twice = {}, 0, 0, 0

    def take(self, slot, crop, place=0):
        """As a Look does; counts the keypoints that lie outside."""
        if crop is not None and place != self._newcomers:
            x, y, side, _ = crop
            margin = int(side * (WIDER - 1) / 2)
            self._wide.take(slot, (x - margin, y - margin, side + 2 * margin, side + 2 * margin))
            self._count(outside(crop, self._wide.poses, slot) if self._is_same(place) else set(), place)
        super().take(slot, crop, place)

    def _is_same(self, place):
        """Whether the wide look shows the body that the crop was made for, not one that stands before it."""
        both = PoseBatch(2, COCO17)
        both.put(0, self._before, place)
        both.put(1, self._wide.poses, 0)
        both.n = 2
        Twins(2, COCO17).drop_from(both)
        return both.n == 1

    def _count(self, cut, place):
        self.n, self.n_cut = self.n + 1, self.n_cut + bool(cut)
        self.n_twice += bool(cut & self._cut_before.get(place, set()))
        self._cut_before[place] = cut


def outside(crop, poses, slot):
    """The keypoints of the first pose that are seen, in the picture and not within a crop."""
    x, y, width, height = crop
    places = enumerate(poses.keypoints_q4[0].tolist())
    return {k for k, (u, v) in places if poses.keypoint_scores_q16[0, k] >= SEEN_Q16
            and not (x <= u <= x + width and y <= v <= y + height)
            and 0 < u < slot.width << 4 and 0 < v < slot.height << 4}


def crops(clip, made, max_people):
    """Print how many crops cut somebody."""
    backend, decoder = backends.create("tflite"), decoders.create(made)
    pipeline = TrackedPipeline(open_source(clip), made, backend, decoder, Options(max_people, scout="none", gate=False))
    finder = pipeline.view.finder
    finder._look = watched = WatchedLook(made, backend, decoder, finder)
    with pipeline:
        n = sum(1 for _ in pipeline)
    print(f"{clip}: {n} frames, {watched.n} crops, {watched.n_cut} cut off a limb, {watched.n_twice} twice in a row")


def costs():
    """Print what each stage takes on a camera's frames, and the network of the default model."""
    source, times = open_source("synthetic:1280x720@15?people=8&frames=60&noise=3"), {}
    poses, calls = PoseBatch(8, COCO17), None
    for frame in source:
        put_truth(source, frame, poses)
        calls = calls or stages(frame, poses)
        for name, call in calls.items():
            start = time.thread_time_ns()
            call()
            times.setdefault(name, []).append((time.thread_time_ns() - start) / 1000)
    for name, spent in times.items():
        print(f"{name:22} {spread(spent[10:])}")
    print(f"the gate takes {np.median(times['gate, no change']) / np.median(times['network']):.1%} of the network")


def stages(frame, poses):
    """{name: what to time}; all read the same batch, which changes under them."""
    made, network, slot = model.load(model.DEFAULT), backends.create("tflite"), Slot(192, 192)
    network.open(made, None)
    letterbox, gate, watcher = Letterbox.of(made.input), MotionGate(192, 192), MotionGate(192, 192)
    tracker, smoother, follower, twins = Tracker(8, COCO17), Smoother(8, 17), CropFollower(COCO17), Twins(8, COCO17)
    return {"letterbox": lambda: letterbox.write(frame, slot), "gate, no change": lambda: gate.passes(slot),
            "network": lambda: network.infer(slot), "twins": lambda: twins.drop_from(poses),
            "tracker": lambda: tracker.update(poses), "smoother": lambda: smoother.update(poses),
            "gate's watch": lambda: watcher.watch(poses),
            "follower, one person": lambda: (follower.update(poses), follower.crop(poses.t_ns))}


def put_truth(source, frame, poses):
    """The drawn people's keypoints as a decoder would write them."""
    xy = np.round(source.truth(frame.seq) * 16).astype(np.int32)
    poses.n, poses.t_ns, poses.width, poses.height = len(xy), frame.t_ns, frame.width, frame.height
    poses.keypoints_q4[:], poses.keypoint_scores_q16[:], poses.scores_q16[:] = xy, 50000, 50000
    poses.boxes_q4[:, :2], poses.boxes_q4[:, 2:] = xy.min(axis=1), np.ptp(xy, axis=1)


def spread(times):
    """p50 / p99 of microseconds."""
    return f"{np.median(times):.0f} / {np.percentile(times, 99):.0f}"


if __name__ == "__main__":
    main()
