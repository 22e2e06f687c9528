"""MoveNet's decode in float64, step by step as published: the oracle of the integer decoder.

Source: the post-processing of MoveNet SinglePose Lightning v4, as its graph computes it.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def nearness(grid, y, x):
    """1 / (distance + 1.8) of every cell to a point, cells."""
    ys, xs = np.mgrid[:grid, :grid]
    return 1 / (np.hypot(ys - y, xs - x) + 1.8)


def decode(center, heatmap, regress, offset, stride=4):
    """(x and y in input px, score) of every joint, float64 (K, 3), from real-valued heads."""
    grid, _, n = heatmap.shape
    weighted = sigmoid(center[..., 0]) * nearness(grid, grid // 2, grid // 2)
    cy, cx = np.unravel_index(weighted.argmax(), weighted.shape)
    out = np.empty((n, 3))
    for j in range(n):
        score = sigmoid(heatmap[..., j])
        y, x = cy + regress[cy, cx, 2 * j], cx + regress[cy, cx, 2 * j + 1]
        ky, kx = np.unravel_index((score * nearness(grid, y, x)).argmax(), score.shape)
        out[j] = (kx + offset[ky, kx, 2 * j + 1]) * stride, (ky + offset[ky, kx, 2 * j]) * stride, score[ky, kx]
    return out


def real(outputs, stored):
    """Heads as float64 from their stored integers and the manifest's outputs."""
    return [(s.astype(np.float64) - o.zero_point) * o.scale for o, s in zip(outputs, stored)]
