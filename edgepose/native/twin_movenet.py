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
    (cy, cx), _ = _find(_center_scores(heads, tables, setup), setup[0] // 2 << 24, setup[0] // 2 << 24)
    return _decode_at(cy, cx, heads, tables, setup, fit, size, keypoints_q4, scores_q16, box_q4)


def movenet_people(heads, tables, setup, least_q16, fit, size, keypoints_q4, keypoint_scores_q16, scores_q16,
                   boxes_q4):
    """Decode a person for every peak of the centre: a cell that nothing around exceeds, of a plateau the first one.

    Parameters
    ----------
    heads, tables, setup, fit, size : as for `movenet`
    least_q16 : int, score of a centre from which it counts
    keypoints_q4, keypoint_scores_q16, scores_q16, boxes_q4 : arrays of a `PoseBatch`, written; a person's score is
        that of the centre

    Returns
    -------
    int, people, the best first, of equals the first; no more than the arrays hold
    """
    scores = _center_scores(heads, tables, setup)
    peaks = [(-int(scores[y, x]), y, x) for y in range(setup[0]) for x in range(setup[0])
             if _to_score_q16(scores[y, x]) >= least_q16 and _is_peak(scores, y, x)]
    best = sorted(peaks)[:len(scores_q16)]
    for i, (score, y, x) in enumerate(best):
        _decode_at(y, x, heads, tables, setup, fit, size, keypoints_q4[i], keypoint_scores_q16[i], boxes_q4[i])
        scores_q16[i] = _to_score_q16(-score)
    return len(best)


def _center_scores(heads, tables, setup):
    return tables[:256][heads[0].reshape(setup[0], setup[0]).astype(int) + 128]


def _is_peak(scores, y, x):
    around = scores[max(y - 1, 0):y + 2, max(x - 1, 0):x + 2]
    rows, columns = np.nonzero(around == around.max())
    first = rows[0] + max(y - 1, 0), columns[0] + max(x - 1, 0)
    return bool(scores[y, x] == around.max()) and first == (y, x)


def _decode_at(cy, cx, heads, tables, setup, fit, size, keypoints_q4, scores_q16, box_q4):
    """Decode the person of one centre; returns the keypoints' mean score."""
    grid, stride, n_keypoints, *quantised, visible_q16 = setup
    _, heatmap, regress, offset = (head.reshape(grid, grid, -1) for head in heads)
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
