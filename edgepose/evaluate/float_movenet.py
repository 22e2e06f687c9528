"""MoveNet's decode in float64, exact: what the integer decoder is measured against.

Source: the post-processing of MoveNet SinglePose Lightning v4, as its graph computes it.
"""

import numpy as np

from edgepose.decoders.movenet import HEADS

SOFTEN_CELLS = 1.8


class FloatMovenet:
    """Decodes MoveNet's quantised heads without rounding.

    Parameters
    ----------
    model : Model whose decoder is "movenet"
    """

    def __init__(self, model):
        names = list(model.outputs)
        self._heads = [(names.index(name), model.outputs[name]) for name in HEADS]
        self._stride = model.decode["stride"]

    def __call__(self, outputs, slot):
        """Float64 (1, K, 3): x and y in source px, kept inside the picture as the integer decoder does; score."""
        pose = decode(*(real(outputs[i], head) for i, head in self._heads), self._stride)
        x, y = slot.fit.to_source(pose[:, 0], pose[:, 1])
        return np.stack([np.clip(x, 0, slot.width), np.clip(y, 0, slot.height), pose[:, 2]], axis=1)[None]


def real(stored, output):
    """A head as float64 from its stored int8 and the manifest's scale and zero point."""
    return (stored.astype(float) - output.zero_point) * output.scale


def decode(center, heatmap, regress, offset, stride):
    """The person in the middle.

    Parameters
    ----------
    center, heatmap, regress, offset : float64 (G, G, 1 or K or 2K), pairs are y, x, in cells
    stride : input px a cell

    Returns
    -------
    float64 (K, 3), x and y in input px, score
    """
    grid, _, n_keypoints = heatmap.shape
    middle = np.full((1, 2), grid // 2)
    cy, cx = _best_cells(logistic(center), middle)[0]
    rough = np.array([cy, cx]) + regress[cy, cx].reshape(n_keypoints, 2)
    scores = logistic(heatmap)
    ys, xs = _best_cells(scores, rough).T
    keypoints = np.arange(n_keypoints)
    fine = offset.reshape(grid, grid, n_keypoints, 2)[ys, xs, keypoints]
    return np.stack([(xs + fine[:, 1]) * stride, (ys + fine[:, 0]) * stride, scores[ys, xs, keypoints]], axis=1)


def logistic(x):
    """1 / (1 + e^-x); logits of int8 heads are far from where e^-x overflows."""
    return 1 / (1 + np.exp(-x))


def _best_cells(scores, near):
    """Int (K, 2), y and x of the cells with the best score / (distance + 1.8), the first of equals.

    Parameters
    ----------
    scores : float64 (G, G, K)
    near : float64 (K, 2), y and x that distances are taken from, cells
    """
    ys, xs = np.mgrid[:len(scores), :len(scores)][..., None]
    weighted = scores / (np.hypot(ys - near[:, 0], xs - near[:, 1]) + SOFTEN_CELLS)
    return np.stack(np.divmod(weighted.reshape(-1, len(near)).argmax(axis=0), len(scores)), axis=1)
