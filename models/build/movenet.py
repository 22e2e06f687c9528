"""MoveNet: where its graph is cut, and the exact decode of its four heads."""

import numpy as np
from graph import rename, swap_input_channels
from tfjs import TfjsModel

PREFIX = "StatefulPartitionedCall/"
TRUNK = PREFIX + "center_net_mobile_net_v2fpn_feature_extractor/model_1/"
SOURCE = PREFIX + "sub_1"
HEADS = {
    "center": PREFIX + "center_0/conv2d_4/BiasAdd",
    "heatmap": PREFIX + "kpt_heatmap_0/conv2d_5/BiasAdd",
    "regress": PREFIX + "kpt_regress_0/conv2d_6/BiasAdd",
    "offset": PREFIX + "kpt_offset_0/conv2d_7/BiasAdd",
}
STRIDE = 4
SOFTENING = 1.8


def read_movenet(path, size):
    """The float network between normalised BGR input and the four heads."""
    graph = TfjsModel(path).cut(SOURCE, (1, size, size, 3), HEADS)
    rename(graph, {layer.name: short(layer.name) for layer in graph.layers} | {SOURCE: "image"})
    swap_input_channels(graph)
    return graph


def short(name):
    """A layer's name without what all names have in common."""
    return name.removeprefix(TRUNK).removeprefix(PREFIX).removeprefix("model/")


def normalise(pixels):
    """uint8 pixels to the network's -1..1, float32."""
    return pixels.astype(np.float32) * np.float32(2 / 255) - 1


def decode(heads):
    """One pose from the four heads.

    Parameters
    ----------
    heads : {name: float (grid, grid, channels)}, logits and cells

    Returns
    -------
    float (17, 3) : x and y in input pixels, score 0..1
    """
    found, cells = looked_at(heads)
    y, x = (found["offset"] + cells).T * STRIDE
    return np.stack([x, y, sigmoid(found["heatmap"])], 1)


def looked_at(heads):
    """What the decode reads: the heads' values at the winning cells.

    Parameters
    ----------
    heads : {name: float (grid, grid, channels)}

    Returns
    -------
    {"center": (), "regress": (17, 2), "heatmap": (17,), "offset": (17, 2)}, and
    the keypoints' cells, int (17, 2), row and column
    """
    cell = center_cell(heads["center"][..., 0])
    regress = heads["regress"][cell].reshape(-1, 2)
    rows, columns = keypoint_cells(sigmoid(heads["heatmap"]), regress + cell)
    at = rows, columns, np.arange(len(rows))
    offset = heads["offset"].reshape(*heads["heatmap"].shape, 2)[at]
    found = dict(center=heads["center"][cell], regress=regress, heatmap=heads["heatmap"][at], offset=offset)
    return found, np.stack([rows, columns], 1)


def center_cell(logits):
    """Row and column of the person nearest the middle of the input."""
    grid = logits.shape[0]
    weighted = sigmoid(logits) / softened_distance(grid, grid / 2, grid / 2)
    return np.unravel_index(np.argmax(weighted), weighted.shape)


def keypoint_cells(heat, expected):
    """Rows and columns of the best cells near where each keypoint is expected.

    Parameters
    ----------
    heat : float (grid, grid, joints), scores
    expected : float (joints, 2), row and column
    """
    grid = heat.shape[0]
    weighted = heat / softened_distance(grid, expected[:, 0], expected[:, 1])
    best = weighted.reshape(grid * grid, -1).argmax(0)
    return np.divmod(best, grid)


def softened_distance(grid, row, column):
    """Distance of every cell from a point, plus the softening term, in cells."""
    rows, columns = np.mgrid[:grid, :grid]
    shape = (grid, grid) + (1,) * np.ndim(row)
    return np.hypot(rows.reshape(shape) - row, columns.reshape(shape) - column) + SOFTENING


def sigmoid(logits):
    """1 / (1 + exp(-x)) in double precision."""
    return 1 / (1 + np.exp(-logits.astype(np.float64)))
