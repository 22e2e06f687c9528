"""Poses of one skeleton written as those of another."""

import numpy as np

from edgepose.pose import PoseBatch
from edgepose.skeleton import sources


class MappedDecoder:
    """Decodes with another decoder, and writes what it finds in the order of another skeleton.

    Parameters
    ----------
    decoder : whose skeleton is not the wanted one
    skeleton : Skeleton, to write

    Notes
    -----
    A keypoint in the middle of two others (the neck of a network that has none) scores what the worse of them does.
    A keypoint that scores 0, because the network has nothing of the kind or because it was not seen, is at (0, 0).
    Pose score and box are the network's own. Nothing is allocated per frame (tests/steady/test_memory.py).
    """

    def __init__(self, decoder, skeleton):
        self._decoder, self.skeleton, self.capacity = decoder, skeleton, decoder.capacity
        self._found = PoseBatch(decoder.capacity, decoder.skeleton)
        pairs = sources(decoder.skeleton, skeleton)
        self._first, self._second = np.array([pair or (0, 0) for pair in pairs], np.intp).T.copy()
        self._known = np.array([pair is not None for pair in pairs], np.uint16)
        other = PoseBatch(decoder.capacity, skeleton)
        self._points, self._scores = other.keypoints_q4, other.keypoint_scores_q16
        self._missing = np.zeros((*self._scores.shape, 1), bool)

    def set_min_score(self, score):
        """Report a person from this score on, 0..1."""
        self._decoder.set_min_score(score)

    def decode(self, outputs, slot, poses):
        """Write the people in `outputs` into `poses`, a PoseBatch of this decoder's skeleton."""
        found = self._found
        self._decoder.decode(outputs, slot, found)
        self._map(found.keypoint_scores_q16, self._scores, poses.keypoint_scores_q16)
        np.minimum(poses.keypoint_scores_q16, self._scores, out=poses.keypoint_scores_q16)
        np.multiply(poses.keypoint_scores_q16, self._known, out=poses.keypoint_scores_q16)
        self._map(found.keypoints_q4, self._points, poses.keypoints_q4)
        np.add(poses.keypoints_q4, self._points, out=poses.keypoints_q4)
        np.right_shift(poses.keypoints_q4, 1, out=poses.keypoints_q4)
        np.equal(poses.keypoint_scores_q16, 0, out=self._missing[..., 0])
        np.copyto(poses.keypoints_q4, 0, where=self._missing)
        np.copyto(poses.scores_q16, found.scores_q16)
        np.copyto(poses.boxes_q4, found.boxes_q4)
        poses.n = found.n

    def _map(self, values, second, first):
        """The values of both sources of every keypoint; mode "clip" is what keeps `take` from buffering."""
        np.take(values, self._first, axis=1, out=first, mode="clip")
        np.take(values, self._second, axis=1, out=second, mode="clip")
