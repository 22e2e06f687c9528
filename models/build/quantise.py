"""Choose scales and zero points, and round the weights.

Activations are per tensor, asymmetric; weights per output channel, symmetric;
biases int32 at the product of the two scales.
"""

from dataclasses import dataclass

import numpy as np
from lower import CHANNEL_AXIS

INPUT_SCALE = float(np.float32(2 / 255))
INPUT_ZERO_POINT = 128
HALF_STEP = INPUT_SCALE / 2
WEIGHT_LIMIT = 127
SMALLEST = 1e-8
BIAS_STEPS = 2.0**20


@dataclass(frozen=True)
class Affine:
    """value = (q - zero_point) * scale, with q in -128..127."""

    scale: float
    zero_point: int


@dataclass
class Kernel:
    """int8 weights in the graph's layout, float32 scale a channel, int32 bias."""

    values: np.ndarray
    scale: np.ndarray
    bias: np.ndarray


@dataclass
class Scheme:
    """Everything that turns a float graph into an int8 one, by layer name."""

    activations: dict
    kernels: dict


INPUT = Affine(INPUT_SCALE, INPUT_ZERO_POINT - 128)


def affine(low, high):
    """The int8 scale that covers low..high and holds zero exactly."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32(max(high - low, SMALLEST) / 255))
    return Affine(scale, int(np.clip(round(-128 - low / scale), -128, 127)))


def shift_input(graph):
    """A copy of the graph whose input is on the int8 grid.

    A pixel is worth (q - 127.5) steps and the zero point is whole, so the first
    convolution's bias takes the other half step.
    """
    changed = graph.copy()
    for layer in changed.consumers(graph.input):
        layer.bias = layer.bias + layer.weights.sum(axis=(1, 2, 3)) * np.float32(HALF_STEP)
    return changed


def quantise(graph, ranges):
    """A Scheme for a graph.

    Parameters
    ----------
    graph : Graph, with `shift_input` done
    ranges : {tensor: (low, high)} for every layer; a resize keeps its input's
    """
    affines = starting_affines(graph, ranges)
    convs = [layer for layer in graph.layers if layer.has_weights]
    return Scheme(affines, {layer.name: kernel_of(layer, affines[layer.inputs[0]].scale) for layer in convs})


def starting_affines(graph, ranges):
    """{tensor: Affine}, the input included."""
    affines = {graph.input: INPUT}
    for layer in graph.layers:
        keeps = layer.kind == "resize"
        affines[layer.name] = affines[layer.inputs[0]] if keeps else affine(*ranges[layer.name])
    return affines


def kernel_of(layer, input_scale):
    """Rounded weights and bias of one layer."""
    scale = weight_scale(layer)
    steps = layer.weights / along_channel(layer, scale)
    values = np.clip(np.round(steps), -WEIGHT_LIMIT, WEIGHT_LIMIT).astype(np.int8)
    return Kernel(values, scale, round_bias(layer.bias, scale, input_scale))


def weight_scale(layer):
    """float32 (channels,): the largest weight of each output channel over 127.

    A channel with hardly any weights keeps a scale at which its bias fits.
    """
    axes = tuple(axis for axis in range(4) if axis != CHANNEL_AXIS[layer.kind])
    largest = np.abs(layer.weights).max(axes) / WEIGHT_LIMIT
    return np.maximum(largest, np.abs(layer.bias) / BIAS_STEPS + SMALLEST).astype(np.float32)


def along_channel(layer, values):
    """Reshape one value a channel so that it multiplies the weights."""
    shape = [1, 1, 1, 1]
    shape[CHANNEL_AXIS[layer.kind]] = -1
    return values.reshape(shape)


def round_bias(bias, weight_scale, input_scale):
    """float biases as int32 at the product of the scales."""
    step = weight_scale.astype(np.float64) * np.float32(input_scale)
    return np.clip(np.round(bias / step), -(2**31), 2**31 - 1).astype(np.int32)
