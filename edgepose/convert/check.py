"""Whether a converted file means what the IR means: it is read back and compared, layer by layer.

The file's own numbers are turned back into real weights and biases and into the range of every tensor.
"""

from dataclasses import dataclass

import numpy as np

from edgepose.convert.grids import ELU_FLOOR, HIGHEST, LOWEST
from edgepose.convert.tflite_reader import read
from edgepose.errors import ModelError

ROUNDING = 0.5 + 1e-4  # steps; scales are float32


@dataclass
class Difference:
    """How far a layer of the file is from the IR's: of the weights and of the bias, each in its own steps."""

    name: str
    weights_steps: float
    bias_steps: float


def check(data, layers, grids):
    """The Differences of all layers with weights.

    Parameters
    ----------
    data : bytes of the .tflite
    layers, grids : what it was made of

    Raises
    ------
    ModelError : a layer is further away than its rounding explains, or a tensor cannot hold the IR's range
    """
    operators, _, _ = read(data)
    made = {operator.outputs[0].name: operator for operator in operators}
    for layer in layers:
        _check_range(layer, grids[layer])
    found = [_compare(layer, made[layer.name], grids) for layer in layers if layer.kernel is not None]
    for difference in found:
        if max(difference.weights_steps, difference.bias_steps) > ROUNDING:
            raise ModelError(f"layer {difference.name}: the file's weights are {difference.weights_steps:.3g} and its"
                             f" bias {difference.bias_steps:.3g} steps away from the IR's")
    return found


def _check_range(layer, grid):
    """The ends of what a tensor can store against the IR's range, and zero, to a step."""
    if layer.low is None:
        return
    low = np.maximum(layer.low, ELU_FLOOR) if layer.kind == "elu" else layer.low
    ends = (LOWEST - grid.zero) * grid.step - low, layer.high - (HIGHEST - grid.zero) * grid.step
    holds_zero = np.all((grid.zero >= LOWEST) & (grid.zero <= HIGHEST))
    if not holds_zero or any(np.any(end > grid.step) for end in ends):
        raise ModelError(f"layer {layer.name}: its stored range does not hold the IR's")


def _compare(layer, operator, grids):
    """The Difference of one layer."""
    source, target = grids[layer.inputs[0]], grids[layer]
    kernel, bias = operator.inputs[1:]
    depthwise = operator.kind == "DEPTHWISE_CONV_2D"
    values = kernel.data.transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)).astype(np.float64)
    unit = kernel.scale.astype(np.float64) * (target.step / target.scale) * source.scale
    wanted = layer.kernel.values * _by_output(layer.kernel.scale)
    weights = values - wanted * _by_input(source.step, depthwise) / _by_output(unit)
    moved = (values * _by_input(source.zero - source.zero_point, depthwise)).sum((1, 2, 3)) + bias.data
    found = moved * unit + (target.zero_point - target.zero) * target.step
    return Difference(layer.name, np.abs(weights).max(), np.abs((found - layer.kernel.bias) / unit).max())


def _by_output(vector):
    """A number an output channel, as a factor of weights (outputs, inputs, height, width)."""
    return vector[:, None, None, None]


def _by_input(vector, depthwise):
    """A number an input channel, or one for all, as a factor of the same; a depthwise output has one input."""
    return np.reshape(vector, (-1, 1, 1, 1) if depthwise else (1, -1, 1, 1))
