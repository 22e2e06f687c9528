"""Peaks of heatmaps in plain NumPy integers: the reference of peaks.c."""

import numpy as np

MAX_PEAKS = 64
_AROUND = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]


def find_peaks(heatmap, logs, scores, least):
    """The peaks of one keypoint, at most 64, in the order of their plateaus' first cells.

    Parameters
    ----------
    heatmap : int8 (H, W)
    logs, scores : int32 (256,), Q12 logarithm and 0..65535 of each stored value, from -128 on
    least : int, stored value from which a peak counts, above -128

    Returns
    -------
    int64 (N, 3), x and y in cells with 8 fraction bits, score

    Notes
    -----
    A peak is a plateau of equal cells, 8-connected, that no cell around it exceeds. It lies at the plateau's cell
    nearest to its middle, moved by what its neighbours' logarithms say of a Gaussian's top.
    """
    bordered = np.pad(heatmap.astype(int), 1, constant_values=-128)
    peaks, seen = [], set()
    for y, x in np.argwhere(bordered >= least).tolist():
        if (y, x) not in seen and _is_highest(bordered, y, x):
            plateau, is_peak = _flood(bordered, y, x)
            seen |= plateau
            if is_peak:
                y, x = _middle(plateau)
                peaks.append(_refine(bordered, logs, scores, y, x))
    return _best(np.array(peaks, np.int64).reshape(-1, 3))


def _is_highest(bordered, y, x):
    return bordered[y - 1:y + 2, x - 1:x + 2].max() == bordered[y, x]


def _flood(bordered, y, x):
    """({(y, x)} of a plateau, whether nothing around exceeds it)."""
    plateau, queue, is_peak, value = {(y, x)}, [(y, x)], True, bordered[y, x]
    for y, x in queue:
        for cell in [(y + dy, x + dx) for dy, dx in _AROUND]:
            is_peak &= bool(bordered[cell] <= value)
            if bordered[cell] == value and cell not in plateau:
                plateau.add(cell)
                queue.append(cell)
    return plateau, is_peak


def _middle(plateau):
    """The cell nearest to the mean of all, of equals the first."""
    n, sum_y, sum_x = len(plateau), sum(y for y, _ in plateau), sum(x for _, x in plateau)
    return min(plateau, key=lambda cell: ((n * cell[0] - sum_y) ** 2 + (n * cell[1] - sum_x) ** 2, cell))


def _refine(bordered, logs, scores, y, x):
    """(x, y, score) of the peak at a cell of the map with its border."""
    rows, columns = bordered.shape
    around_x, around_y = bordered[y, x - 1:x + 2], bordered[y - 1:y + 2, x]
    x_q8 = (x - 1) * 256 + (_shift_q8(logs[around_x + 128].tolist()) if 1 < x < columns - 2 else 0)
    y_q8 = (y - 1) * 256 + (_shift_q8(logs[around_y + 128].tolist()) if 1 < y < rows - 2 else 0)
    return x_q8, y_q8, scores[bordered[y, x] + 128]


def _shift_q8(logs):
    """How far the top of a Gaussian lies from the highest of three cells, -1/2 to 1/2 cell."""
    up, down = logs[1] - logs[0], logs[1] - logs[2]
    both = up + down
    return (up * 256 + both // 2) // both - 128 if up >= 0 and down >= 0 and both > 0 else 0


def _best(peaks):
    """The 64 best, of equals the first, in their order."""
    return peaks[np.sort(np.argsort(-peaks[:, 2], kind="stable")[:MAX_PEAKS])]
