"""MoveNet's decode in plain NumPy integers: the reference of movenet.c, and its stand-in without a compiler."""

import numpy as np

from edgepose.native.twin_place import surround_into, to_source_q4

SOFTEN_Q24 = 30198989  # 1.8, the constant that MoveNet adds to a distance


def movenet(heads, tables, setup, fit, size, keypoints_q4, scores_q16, box_q4):
    """Decode one person.

    Parameters
    ----------
    heads : int8 center (G, G, 1), heatmap (G, G, K), regress and offset (G, G, 2K), pairs are y, x
    tables : uint32 (512,), Q31 scores of each stored value from -128 on: center's, then heatmap's
    setup : (grid, stride, n_keypoints, regress, offset, visible_q16); regress and offset are
        (zero_point, scale in Q40 cells), visible_q16 the score from which a keypoint counts for the box
    fit : (x0, y0, scale), Q16.16
    size : (width, height) of the source, px
    keypoints_q4 : int32 (K, 2), x and y, 1/16 source px, written
    scores_q16 : uint16 (K,), written
    box_q4 : int32 (4,), x, y, width, height, 1/16 source px, written

    Returns
    -------
    int, the keypoints' mean score, 0..65535
    """
    grid, stride, n_keypoints, *quantised, visible_q16 = setup
    center, heatmap, regress, offset = (head.reshape(grid, grid, -1) for head in heads)
    center_scores = tables[:256][center[..., 0].astype(int) + 128]
    (cy, cx), _ = _find(center_scores, grid // 2 << 24, grid // 2 << 24)
    rough, fine = (_real_q24(head, *q) for head, q in zip((regress, offset), quantised))
    for j in range(n_keypoints):
        y, x = (cy << 24) + rough[cy, cx, 2 * j], (cx << 24) + rough[cy, cx, 2 * j + 1]
        (ky, kx), joint_score = _find(tables[256:][heatmap[..., j].astype(int) + 128], y, x)
        y, x = (ky << 24) + fine[ky, kx, 2 * j], (kx << 24) + fine[ky, kx, 2 * j + 1]
        keypoints_q4[j] = [to_source_q4(v, stride, origin, fit[2], limit)
                           for v, origin, limit in ((x, fit[0], size[0]), (y, fit[1], size[1]))]
        scores_q16[j] = _to_score_q16(joint_score)
    surround_into(keypoints_q4, scores_q16 >= visible_q16, box_q4)
    return int(scores_q16.sum()) // n_keypoints


def _real_q24(stored, zero_point, scale_q40):
    return ((stored.astype(np.int64) - zero_point) * scale_q40) >> 16


def _find(scores, y_q24, x_q24):
    """((y, x), score) of the cell with the best score / (distance + 1.8); on a draw the first one."""
    cells = np.arange(len(scores), dtype=np.int64) << 24
    square = ((cells - y_q24) ** 2).astype(np.uint64)[:, None] + ((cells - x_q24) ** 2).astype(np.uint64)
    softened = _root(square) + np.uint64(SOFTEN_Q24)
    rough = scores / softened.astype(np.float64)
    best = None
    for i in np.flatnonzero(rough >= rough.max() * (1 - 1e-9)):  # these few are compared exactly
        cell = int(scores.flat[i]), int(softened.flat[i]), i
        if best is None or cell[0] * best[1] > best[0] * cell[1]:
            best = cell
    return divmod(int(best[2]), len(scores)), best[0]


def _root(n):
    """Floor of the square root of uint64; the float root is off by one at most."""
    found = np.minimum(np.sqrt(n.astype(np.float64)), 2 ** 32 - 1).astype(np.uint64)
    found = found - (found * found > n)
    above = np.minimum(found + np.uint64(1), np.uint64(2 ** 32 - 1))
    return np.where(above * above <= n, above, found)


def _to_score_q16(q31):
    return (int(q31) * 65535 + (1 << 30)) >> 31
