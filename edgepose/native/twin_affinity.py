"""Affinities in plain NumPy integers: the reference of affinity.c, and its stand-in without a compiler."""

import numpy as np

LEAST_COMMON = 3  # keypoints; with fewer the boxes alone tell


def affinity(keypoints, known, corners, areas, n, of_keypoints, of_known, of_corners, area, factors, table, out):
    """Compare the people of a frame with one track.

    Parameters
    ----------
    keypoints, known, corners, areas : int64 (N, K, 2), (N, K), (N, 4), (N,), as in `edgepose.track.people.People`
    n : int, people that count
    of_keypoints, of_known, of_corners, area : int64 (K, 2), (K,), (4,) and int, at least 1: the track
    factors : int64 (K,), parts of the table for a squared distance of one area
    table : int64 (257,), exp(-i / 32) in Q16, the last one 0
    out : int64 (N,), the first n written: 0..65536, the mean of OKS and intersection over union
    """
    away = ((keypoints[:n] - of_keypoints) ** 2).sum(axis=2)
    alike = table[np.minimum(away * factors // area, len(table) - 1)]
    common = (known[:n] != 0) & (of_known != 0)
    n_common = common.sum(axis=1)
    oks = (alike * common).sum(axis=1) // np.maximum(n_common, 1)
    boxes = _overlap(corners[:n], areas[:n], of_corners)
    out[:n] = (np.where(n_common < LEAST_COMMON, boxes, oks) + boxes) >> 1


def _overlap(corners, areas, other):
    """Intersection over union, 0..65536."""
    low, high = np.maximum(corners[:, :2], other[:2]), np.minimum(corners[:, 2:], other[2:])
    both = np.maximum(high - low, 0).prod(axis=1)
    return (both << 16) // np.maximum(areas + (other[2:] - other[:2]).prod() - both, 1)
