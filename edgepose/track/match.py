"""How well people go with what was predicted for each track, and who is given to whom; integers only."""

from decimal import Decimal, localcontext

import numpy as np

from edgepose import native
from edgepose.native.twin_affinity import LEAST_COMMON

__all__ = ["LEAST_COMMON", "ONE", "Affinity", "exponential_table", "sigma_of"]

ONE = 1 << 16  # of an affinity
#: COCO's deviations, https://cocodataset.org/#keypoints-eval; keypoints of other skeletons as their nearest neighbour
_SIGMAS = {"nose": ".026", "eye": ".025", "ear": ".035", "shoulder": ".079", "elbow": ".072", "wrist": ".062",
           "hip": ".107", "knee": ".087", "ankle": ".089", "neck": ".079", "head_top": ".035", "chest": ".107",
           "mid_hip": ".107", "toe": ".089", "heel": ".089"}
_STEPS = 32  # of the exponential's table for each unit; it ends at 8


class Affinity:
    """Compares the people of a frame with one track after the other.

    Parameters
    ----------
    n_tracks, n_people : int, at most
    skeleton : Skeleton

    Attributes
    ----------
    q16 : int64 (n_tracks, n_people), 0..65536; -1 where nothing was compared

    Notes
    -----
    The mean of the OKS over the keypoints that both have, COCO's formula with the box's area, and of the boxes'
    intersection over union. OKS within 1/64 of floats (tests/unit/test_track_match.py).
    """

    def __init__(self, n_tracks, n_people, skeleton):
        self.q16 = np.full((n_tracks, n_people), -1, np.int64)
        self._left, self._table = self.q16.copy(), exponential_table()
        self._factors = np.array([round(_STEPS / (8 * sigma_of(name) ** 2)) for name in skeleton.keypoints], np.int64)
        self._refused = np.zeros((n_tracks, n_people), bool)

    def compare(self, slot, people, track):
        """Write one track's row.

        Parameters
        ----------
        slot : int, the row
        people : People of the frame
        track : (keypoints (K, 2), known (K,), corners (4,), area) where it is expected, formats as in People; a larger
            area makes the OKS more tolerant
        """
        native.affinity(people.keypoints, people.known, people.corners, people.areas, people.n, *track, self._factors,
                        self._table, self.q16[slot])

    def clear(self):
        """Forget all comparisons."""
        self.q16.fill(-1)

    def assign(self, least_q16, first, given):
        """Give each track at most one person and each person to at most one track, the best pair first.

        Parameters
        ----------
        least_q16 : int, affinity below which nobody is given
        first : int64 (n_tracks, 1), added to the affinities of tracks that choose before others
        given : list of int (n_tracks), overwritten: the person, or -1

        Notes
        -----
        Of equal pairs the one with the lower track, then the lower person, on every machine.
        """
        left, n_people = self._left, self.q16.shape[1]
        np.less(self.q16, least_q16, out=self._refused)
        np.copyto(left, first)
        np.add(self.q16, left, out=left)
        np.copyto(left, -1, where=self._refused)
        for slot in range(len(given)):
            given[slot] = -1
        for _ in range(len(given)):
            slot, person = divmod(int(left.argmax()), n_people)
            if left[slot, person] < 0:
                return
            given[slot] = person
            left[slot], left[:, person] = -1, -1


def sigma_of(keypoint):
    """COCO's deviation of a keypoint, Decimal, in square roots of the person's area."""
    name = keypoint.removeprefix("left_").removeprefix("right_").removeprefix("big_").removeprefix("small_")
    return Decimal(_SIGMAS[name])


def exponential_table():
    """int64 (257,): exp(-i / 32) in Q16, the last one 0; in decimal arithmetic, so that every machine has the same."""
    with localcontext() as context:
        context.prec = 20
        values = [round(ONE * (Decimal(-i) / _STEPS).exp()) for i in range(8 * _STEPS)]
    return np.array([*values, 0], np.int64)
