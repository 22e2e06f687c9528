"""Limbs between peaks in plain NumPy integers: the reference of limbs.c."""

from itertools import chain
from math import isqrt

import numpy as np

#: Keypoints that each limb joins, and the channel of its affinity field's x; y is the next channel.
LIMBS = ((1, 2, 12), (1, 5, 20), (2, 3, 14), (3, 4, 16), (5, 6, 22), (6, 7, 24), (1, 8, 0), (8, 9, 2), (9, 10, 4),
         (1, 11, 6), (11, 12, 8), (12, 13, 10), (1, 0, 28), (0, 14, 30), (14, 16, 34), (0, 15, 32), (15, 17, 36),
         (2, 16, 18), (5, 17, 26))
N_BODY = 17  # the others go past the neck, from shoulder to ear
N_SAMPLES, MAX_MISSED = 10, 2
NINTH_Q16 = 7281  # of the way between two samples; nine of them do not reach past its end


def find_connections(peaks, paf, setup):
    """Limbs, the body's and then the others, the best of each kind first, each peak once in a kind.

    Parameters
    ----------
    peaks : list of int64 (N, 3) for every keypoint, from `find_peaks`
    paf : int8 (H, W, 38)
    setup : (zero point, least alignment in stored units Q8, scale in Q24)

    Returns
    -------
    (list, list) of (score 0..65535, limb, peak, peak)
    """
    found = [_choose(_scores(peaks[a], peaks[b], paf[..., field:field + 2], *setup), limb)
             for limb, (a, b, field) in enumerate(LIMBS)]
    return list(chain(*found[:N_BODY])), list(chain(*found[N_BODY:]))


def _scores(start, end, field, zero_point, least_q8, scale_q24):
    """int (N, M): how well the field points along the way, 0..65535; 0 where too few samples do, or not the middle."""
    a, way = start[:, None, :2], end[None, :, :2] - start[:, None, :2]
    square = (way ** 2).sum(axis=2).astype(np.uint64)
    limit = (np.uint64(least_q8 ** 2) * square) >> np.uint64(16)
    along = np.arange(N_SAMPLES)[:, None] * NINTH_Q16
    at_q16 = ((a[:, :, None] << 16) + way[:, :, None] * along) >> 8
    dots = (_interpolate(field, at_q16, zero_point) * way[:, :, None]).sum(axis=3) >> 8
    passed = (dots > 0) & ((dots ** 2).astype(np.uint64) > limit[..., None])
    sums, n_passed = (dots * passed).sum(axis=2), passed.sum(axis=2) * _middles(a, way, field, zero_point)
    out = np.zeros(square.shape, np.int64)
    for i, j in np.argwhere(n_passed >= N_SAMPLES - MAX_MISSED):
        length = isqrt(int(square[i, j]))
        out[i, j] = min((int(sums[i, j]) * scale_q24 // (int(n_passed[i, j]) * length)) >> 8, 65535)
    return out


def _middles(a, way, field, zero_point):
    """bool (N, M): whether the field at the cell nearest to the middle points along the way, be it ever so little."""
    x, y = np.moveaxis((2 * a + way + 256) >> 9, -1, 0)
    return ((field[y, x].astype(np.int64) - zero_point) * way).sum(axis=2) > 0


def _interpolate(field, at_q16, zero_point):
    """int64 (..., 2): the field between four cells, Q8 stored units above the zero point."""
    last = np.array(field.shape[1::-1]) - 1
    cell = np.minimum(at_q16 >> 16, last - 1)
    (x, y), (right, low) = np.moveaxis(cell, -1, 0), np.moveaxis((at_q16 >> 8) - (cell << 8), -1, 0)[..., None]
    field = field.astype(np.int64)
    top = field[y, x] * (256 - right) + field[y, x + 1] * right
    bottom = field[y + 1, x] * (256 - right) + field[y + 1, x + 1] * right
    return ((top * (256 - low) + bottom * low) >> 8) - zero_point * 256


def _choose(scores, limb):
    """[(score, limb, peak, peak)], the best first, of equals the first, each peak once."""
    chosen, starts, ends = [], set(), set()
    for i in np.argsort(-scores, axis=None, kind="stable").tolist():
        a, b = divmod(i, scores.shape[1])
        if scores[a, b] and a not in starts and b not in ends:
            starts.add(a)
            ends.add(b)
            chosen.append((int(scores[a, b]), limb, a, b))
    return chosen
