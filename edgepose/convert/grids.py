"""How every tensor is stored: from the IR's ranges to int8 steps and zero points.

The IR gives the inputs of its depthwise layers one range a channel, TensorFlow Lite has one scale a tensor. So a
tensor has two readings: what a stored value is really worth, channel by channel, and what the file says. The weights
before and behind take the difference (`requantise.py`), and the stored values are those of the IR. An exponential
linear unit does not scale; behind it the widest channel's range serves all, which costs nothing that was measurable.
"""

from dataclasses import dataclass

import numpy as np

from edgepose.errors import ModelError

LEVELS = 255  # steps between the smallest and the largest stored value
LOWEST, HIGHEST = -128, 127
ELU_FLOOR = -1.0  # no exponential linear unit goes below
ELU_TAIL = -4.0  # before the unit: from here down it is within 0.02 of its floor


@dataclass(frozen=True, eq=False)
class Grid:
    """A stored int8 value q of channel c is really worth step[c] * (q - zero[c]).

    The file says scale * (q - zero_point). `step` and `zero` are (1,) or (channels,).
    """

    scale: float
    zero_point: int
    step: np.ndarray
    zero: np.ndarray

    @property
    def plain(self):
        """Whether both readings agree."""
        return bool(np.all(self.step == self.scale) and np.all(self.zero == self.zero_point))

    def stored_as(self, other):
        """This grid with what the file says of another."""
        return Grid(other.scale, other.zero_point, self.step, self.zero)


def even(low, high):
    """The grid of one range for all channels; it holds zero exactly."""
    step = float(np.float32((high - low) / LEVELS))
    zero = int(np.clip(np.rint(LOWEST - low / step), LOWEST, HIGHEST))
    return Grid(step, zero, np.array([step]), np.array([zero]))


def by_channel(high):
    """The grid of one range 0..high a channel."""
    step = high / LEVELS
    return Grid(float(np.float32(step.max())), LOWEST, step, np.array([LOWEST]))


def assign(layers, heads):
    """{layer: Grid}.

    Parameters
    ----------
    layers : of `layers.recognise`
    heads : {name: (low, high)} of the layers that hand out a result

    Raises
    ------
    ModelError : the IR has no range for a tensor that needs one
    """
    followers = {layer: [other for other in layers if layer in other.inputs] for layer in layers}
    grids = {layer: _grid(layer, followers, heads) for layer in layers if layer.kind != "concat"}
    for layer in layers:
        if layer.kind == "concat":
            grids[layer] = _join(layer, grids)
    return grids


def _grid(layer, followers, heads):
    if layer.kind == "input":
        return _input_grid(layer)
    if layer.name in heads:
        return even(*heads[layer.name])
    if layer.low is None:
        return _before_elu(layer, followers)
    if layer.kind == "elu":
        return even(max(layer.low.min(), ELU_FLOOR), layer.high.max())
    scales_freely = not layer.low.any() and all(other.kind == "depthwise" for other in followers[layer])
    if layer.high.size > 1 and scales_freely:
        return by_channel(layer.high)
    return even(layer.low.min(), layer.high.max())


def _input_grid(layer):
    """Pixels are stored as they come, less 128; the offset is a whole number of levels but for a rounding."""
    zero = round(-layer.offset / layer.scale)
    return Grid(layer.scale, zero + LOWEST, np.array([layer.scale]), np.array([zero + LOWEST]))


def _before_elu(layer, followers):
    """The range that the unit behind it makes use of."""
    units = followers[layer]
    if [unit.kind for unit in units] != ["elu"]:
        raise ModelError(f"layer {layer.name} has no FakeQuantize behind it")
    return even(ELU_TAIL, units[0].high.max())


def _join(layer, grids):
    """The grid of a concatenation; its parts keep their own steps and are stored as the coarsest part says."""
    coarsest = max((grids[part] for part in layer.inputs), key=lambda grid: grid.scale)
    for part in layer.inputs:
        grids[part] = grids[part].stored_as(coarsest)
    sizes = [part.kernel.values.shape[0] for part in layer.inputs]
    step = np.concatenate([np.full(size, grids[part].step) for part, size in zip(layer.inputs, sizes)])
    zero = np.concatenate([np.full(size, grids[part].zero) for part, size in zip(layer.inputs, sizes)])
    return Grid(coarsest.scale, coarsest.zero_point, step, zero)
