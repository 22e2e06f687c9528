"""Weights as the kernels read them."""

import numpy as np


def _pack_dense(layer, shape):
    """(blocks, taps, depth, block), for pairs (..., depth / 2, block, 2), for dots (..., depth / 4, block, 4)."""
    n, height, width, depth = layer.weights.shape
    step = {"pairs": 2, "dots": 4}.get(shape.inner, 1)
    n_blocks, padded = -(-n // shape.block), -(-depth // shape.depth) * shape.depth
    whole = np.zeros((n_blocks * shape.block, height * width, padded), np.int8)
    whole[:n, :, :depth] = layer.weights.reshape(n, height * width, depth)
    split = whole.reshape(n_blocks, shape.block, height * width, padded // step, step)
    return np.ascontiguousarray(split.transpose(0, 2, 3, 1, 4), np.int16 if shape.inner == "pairs" else np.int8)


def _pack_depthwise(layer, shape):
    """(blocks, taps, block) int16, an even number of taps."""
    height, width, n = layer.weights.shape
    n_blocks, n_taps = -(-n // shape.block), -(-height * width // 2) * 2
    whole = np.zeros((n_taps, n_blocks * shape.block), np.int16)
    whole[:height * width, :n] = layer.weights.reshape(height * width, n)
    return np.ascontiguousarray(whole.reshape(n_taps, n_blocks, shape.block).transpose(1, 0, 2))


def _pack_resize(layer, shape):
    return np.concatenate([layer.weights_y, layer.weights_x]).astype(np.int32)


def _pack_nothing(layer, shape):
    return np.zeros(1, np.int32)


#: How the weights of each kind of layer are laid out: (layer, shape) -> array.
PACKERS = {"convolution": _pack_dense, "depthwise": _pack_depthwise, "resize": _pack_resize,
            "add": _pack_nothing, "map": _pack_nothing}
