"""Poses of one frame that are of the same body."""

import numpy as np

from edgepose.track.match import ONE, Affinity
from edgepose.track.people import People
from edgepose.track.tracker import LEAST_KEYPOINT_Q16

TWIN_Q16 = ONE // 2  # more than two bodies reach that cover each other: their keypoints differ where their boxes do not


class Twins:
    """Finds and drops them.

    Parameters
    ----------
    capacity : int, of the `PoseBatch`
    skeleton : Skeleton of the poses
    """

    def __init__(self, capacity, skeleton):
        self._people = People(capacity, len(skeleton.keypoints), LEAST_KEYPOINT_Q16)
        self._affinity = Affinity(capacity, capacity, skeleton)
        self._worth, self._is_twin = np.zeros(capacity, np.int64), [False] * capacity

    def drop_from(self, poses):
        """Leave the one whose keypoints score best of each body, of equals the first; the rest keeps its order."""
        self._people.read(poses)
        np.sum(poses.keypoint_scores_q16, axis=1, out=self._worth)
        for i in range(poses.n):
            people = self._people
            self._affinity.compare(i, people, (people.keypoints[i], people.known[i], people.corners[i],
                                               int(people.areas[i])))
        for i in range(poses.n):
            self._is_twin[i] = self._has_better(i, poses.n)
        kept = 0
        for i in range(poses.n):
            if not self._is_twin[i]:
                poses.put(kept, poses, i)
                kept += 1
        poses.n = kept

    def _has_better(self, i, n):
        for j in range(n):
            if j != i and self._affinity.q16[i, j] >= TWIN_Q16 and (self._worth[j], -j) > (self._worth[i], -i):
                return True
        return False
