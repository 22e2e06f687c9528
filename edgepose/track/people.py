"""The people of one frame, widened to what the tracker computes with."""

import numpy as np


class People:
    """The people of one frame as the tracker reads them, in int64.

    Attributes
    ----------
    n : int
    keypoints : (capacity, K, 2), 1/16 source px
    known : (capacity, K), 1 where a keypoint scores at least `least_score_q16`, else 0
    corners : (capacity, 4), x and y of two corners of the box, 1/16 source px
    areas : (capacity,), of the box, 1/256 px^2, at least 1
    """

    def __init__(self, capacity, n_keypoints, least_score_q16):
        self.n, self._least_q16 = 0, least_score_q16
        self.keypoints = np.zeros((capacity, n_keypoints, 2), np.int64)
        self.known = np.zeros((capacity, n_keypoints), np.int64)
        self.corners = np.zeros((capacity, 4), np.int64)
        self.areas = np.zeros(capacity, np.int64)
        self._sizes = np.zeros((capacity, 2), np.int64)
        self._seen = np.zeros((capacity, n_keypoints), bool)

    def read(self, poses):
        """Take over the poses of a frame, of a batch of this capacity or a smaller one; the arrays are overwritten."""
        self.n, n = poses.n, poses.capacity
        corners, sizes, areas, seen = self.corners[:n], self._sizes[:n], self.areas[:n], self._seen[:n]
        np.copyto(self.keypoints[:n], poses.keypoints_q4)
        np.greater_equal(poses.keypoint_scores_q16, self._least_q16, out=seen)
        np.copyto(self.known[:n], seen)
        np.copyto(corners[:, :2], poses.boxes_q4[:, :2])
        np.copyto(sizes, poses.boxes_q4[:, 2:])
        np.add(corners[:, :2], sizes, out=corners[:, 2:])
        np.multiply(sizes[:, 0], sizes[:, 1], out=areas)
        np.maximum(areas, 1, out=areas)
