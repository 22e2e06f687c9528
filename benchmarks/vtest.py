"""Recall and precision on a fixed outdoor camera: DIR/clips/vtest.avi against its sampled ground truth.

    python benchmarks/vtest.py --data DIR [--model NAME]... [--backend NAME]... [--min-score S]

A pose's box is the one around its keypoints, if they are six or more, grown to 1.2 times its size about its centre. It
finds a person where its centre is inside the true box and their intersection is 0.3 of their union or more; the best
pairs first, each once. Keypoints that score below 0.1 do not count: a single-person model gives all of its own.
"""

import argparse
from pathlib import Path

import numpy as np

from edgepose import PoseEstimator
from edgepose.sources import open_source

LEAST_KEYPOINTS, LEAST_SCORE, GROWN, LEAST_IOU = 6, 0.1, 1.2, 0.3
MODELS = ("movenet-lightning", "lightweight-openpose", "lightweight-openpose-large")


def main():
    """Print a line for each model and backend."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--model", action="append", metavar="NAME", help=f"default: {' '.join(MODELS)}")
    parser.add_argument("--backend", action="append", metavar="NAME", help="default: tflite")
    parser.add_argument("--min-score", type=float, metavar="S", help="default: each model's own")
    options = parser.parse_args()
    truth = read_truth(options.data / "clips" / "vtest_gt_sampled.txt")
    print(f"{sum(map(len, truth.values()))} people in {len(truth)} frames")
    for name in options.model or MODELS:
        for backend in options.backend or ["tflite"]:
            with PoseEstimator(name, backend, min_score=options.min_score) as estimator:
                measure(estimator, truth, options.data / "clips" / "vtest.avi", f"{name} on {backend}")


def read_truth(path):
    """{frame from 0: float (N, 4), x, y, width, height in px} of a file in MOT format, whose frames count from 1."""
    truth = {}
    for line in path.read_text().splitlines():
        frame, _, *box = map(float, line.split(",")[:6])
        truth.setdefault(int(frame) - 1, []).append(box)
    return {frame: np.array(boxes) for frame, boxes in truth.items()}


def measure(estimator, truth, clip, name):
    """Print recall and precision over the sampled frames."""
    n_hits = n_boxes = 0
    source = open_source(str(clip))
    while (frame := source.read()) is not None:
        if frame.seq in truth:
            boxes = pose_boxes(estimator.estimate(frame).keypoints())
            n_hits, n_boxes = n_hits + match(boxes, truth[frame.seq]), n_boxes + len(boxes)
    source.close()
    n_people = sum(map(len, truth.values()))
    print(f"{name:42} recall {n_hits / n_people:.3f}  precision {n_hits / max(1, n_boxes):.3f}", flush=True)


def pose_boxes(keypoints):
    """float (P, 4), of the poses with enough keypoints."""
    boxes = []
    for pose in keypoints:
        seen = pose[pose[:, 2] >= LEAST_SCORE, :2]
        if len(seen) >= LEAST_KEYPOINTS:
            size = np.ptp(seen, axis=0) * GROWN
            boxes.append([*((seen.min(axis=0) + seen.max(axis=0) - size) / 2), *size])
    return np.array(boxes).reshape(-1, 4)


def match(boxes, people):
    """How many people are found."""
    corner, size = boxes[:, None, :2], boxes[:, None, 2:]
    shared = np.minimum(corner + size, people[:, :2] + people[:, 2:]) - np.maximum(corner, people[:, :2])
    both = np.maximum(shared, 0).prod(axis=2)
    iou = both / (size.prod(axis=2) + people[:, 2:].prod(axis=1) - both)
    middle = corner + size / 2
    inside = ((middle >= people[:, :2]) & (middle <= people[:, :2] + people[:, 2:])).all(axis=2)
    iou[~inside | (iou < LEAST_IOU)] = 0
    n = 0
    while iou.size and iou.max() > 0:
        pose, person = np.unravel_index(iou.argmax(), iou.shape)
        iou[pose], iou[:, person], n = 0, 0, n + 1
    return n


if __name__ == "__main__":
    main()
