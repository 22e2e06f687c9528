"""Weights and biases for the grids on both sides of a layer.

Source of the arithmetic: TensorFlow Lite 8-bit quantization specification: int8 weights, symmetric, one scale an
output channel; int32 biases at the product of the input's and the weights' scale. All sums here are of integers and
all other float work is element by element, so that the result is the same to the bit everywhere.
"""

from dataclasses import dataclass

import numpy as np

from edgepose.errors import ModelError

LIMIT = 127
BIAS_LIMIT = 2**30  # leaves the other half of the accumulator to the products


@dataclass
class Stored:
    """A layer's constants: int8 (output channels, inputs, height, width), float32 (output channels,), int32."""

    values: np.ndarray
    scale: np.ndarray
    bias: np.ndarray


def requantise(layer, source, target):
    """The Stored constants of a layer.

    Parameters
    ----------
    layer : Layer with a Kernel
    source, target : Grids of its input and its output

    Raises
    ------
    ModelError : the layer cannot be computed on these grids
    """
    _check(layer, source, target)
    values, scale = _weights(layer, source)
    scale = (scale * (target.scale / target.step)).astype(np.float32)
    unit = scale.astype(np.float64) * source.scale
    real = layer.kernel.bias * (target.scale / target.step) + (target.zero - target.zero_point) * target.scale
    bias = np.rint(real / unit) + _moved(values, source)
    if np.abs(bias).max() > BIAS_LIMIT:
        raise ModelError(f"layer {layer.name}: a bias of {np.abs(bias).max():.3g} steps does not fit 32 bits")
    return Stored(values, scale, bias.astype(np.int32))


def _check(layer, source, target):
    """Zero must be stored as the file says where the runtime fills in zeros or cuts at zero."""
    if layer.kernel.pad and np.any(source.zero != source.zero_point):
        raise ModelError(f"layer {layer.name}: it pads with zeros, and its input is stored with another zero")
    if layer.relu and np.any(target.zero != target.zero_point):
        raise ModelError(f"layer {layer.name}: it cuts at zero, and its output is stored with another zero")


def _weights(layer, source):
    """(int8 values, float64 scales) for an input that is stored otherwise than it is worth.

    One factor an output channel goes into the scales. Where inputs of one output differ, the weights are rounded anew.
    """
    kernel, factor = layer.kernel, source.step / source.scale
    if layer.kind == "depthwise" or factor.size == 1 or np.all(factor == factor[0]):
        return kernel.values, kernel.scale * (factor if layer.kind == "depthwise" else factor[0])
    real = kernel.values * factor[:, None, None]
    unit = np.abs(real).max((1, 2, 3)) / LIMIT
    return np.rint(real / unit[:, None, None, None]).astype(np.int8), kernel.scale * unit


def _moved(values, source):
    """What the bias owes to inputs whose true zero is not the file's, in steps."""
    away = np.broadcast_to(source.zero_point - source.zero, values.shape[1:2])
    return (values.astype(np.int64) * away[:, None, None]).sum((1, 2, 3))
