"""Poses of one picture as floats, as the metrics take them from any tool."""

from dataclasses import dataclass

import numpy as np

from edgepose.evaluate.annotations import N_KEYPOINTS


@dataclass(frozen=True)
class Poses:
    """The poses of one picture.

    Attributes
    ----------
    keypoints : float64 (P, 17, 3), x and y in source px, score
    scores : float64 (P,), by which average precision ranks
    """

    keypoints: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, keypoints, scores=None):
        """Poses from anything shaped (P, 17, 3); their score is the mean score of their keypoints unless given.

        Notes
        -----
        The mean, not `PoseBatch.scores_q16`: what that holds (a presence, say) is the decoder's own choice.
        """
        keypoints = np.array(keypoints, float).reshape(-1, N_KEYPOINTS, 3)
        scores = keypoints[..., 2].mean(axis=1) if scores is None else np.array(scores, float)
        return cls(keypoints, scores)

    def __len__(self):
        return len(self.scores)
