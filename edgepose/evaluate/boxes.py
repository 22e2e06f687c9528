"""Poses against true boxes, which say where people are and nothing of their keypoints."""

import numpy as np

LEAST_KEYPOINTS, LEAST_SCORE = 6, 0.1  # a box is around the keypoints that score so much, if they are so many
GROWN = 1.2  # and that many times their size: heads and feet go beyond their keypoints
LEAST_IOU = 0.3


def pose_boxes(keypoints):
    """(float64 (N, 4) x, y, width, height in px, the numbers of their poses) of the poses with enough keypoints.

    Parameters
    ----------
    keypoints : float (P, K, 3), x and y in px, score
    """
    boxes, poses = [], []
    for i, pose in enumerate(np.asarray(keypoints, float)):
        seen = pose[pose[:, 2] >= LEAST_SCORE, :2]
        if len(seen) >= LEAST_KEYPOINTS:
            size = np.ptp(seen, axis=0) * GROWN
            boxes.append([*((seen.min(axis=0) + seen.max(axis=0) - size) / 2), *size])
            poses.append(i)
    return np.array(boxes).reshape(-1, 4), poses


def similarity(true, found):
    """float64 (people, poses): intersection over union, 0 where it is below 0.3 or the pose's middle is outside.

    Parameters
    ----------
    true, found : float64 (N, 4), x, y, width, height, px
    """
    corner, size = found[:, :2], found[:, 2:]
    low, high = true[:, None, :2], true[:, None, :2] + true[:, None, 2:]
    both = np.maximum(np.minimum(corner + size, high) - np.maximum(corner, low), 0).prod(axis=2)
    iou = both / (size.prod(axis=1) + true[:, None, 2:].prod(axis=2) - both)
    middle = corner + size / 2
    return np.where(((middle >= low) & (middle <= high)).all(axis=2) & (iou >= LEAST_IOU), iou, 0)


def count_matches(alike):
    """How many pairs there are, the best first, each person and pose once."""
    alike, n = alike.copy(), 0
    while alike.size and alike.max() > 0:
        person, pose = np.unravel_index(alike.argmax(), alike.shape)
        alike[person], alike[:, pose], n = 0, 0, n + 1
    return n
