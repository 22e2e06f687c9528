"""A Layer's numbers and weights, laid out for one kernel family."""

from dataclasses import dataclass, replace

import numpy as np

from edgepose.backends.opencl.packing import PACKERS

#: What a kernel is told of its layer: int32, in this order. `programs` makes these names of the C side.
NUMBERS = (
    "X_AT", "X_PIXEL", "X_ROW", "X_HEIGHT", "X_WIDTH", "X_DEPTH",
    "Y_AT", "Y_PIXEL", "Y_ROW", "Y_WIDTH", "Y_CHANNELS", "N_PIXELS", "N_TILES",
    "N_TAPS", "STRIDE_Y", "STRIDE_X", "BEFORE_Y", "BEFORE_X", "INSIDE_Y", "INSIDE_X", "PAD_AT",
    "N_BLOCKS", "STRIP", "BLOCK_WEIGHTS", "LOW", "HIGH", "ZERO", "HAS_TABLE", "FLIP",
    "HAS_OTHER", "OTHER_AT", "OTHER_PIXEL", "ADD_BIAS", "ADD_OWN", "ADD_OTHER", "ADD_SHIFT",
    "ADD_ZERO", "ADD_LOW", "ADD_HIGH", "WEIGHTS_AT", "BIAS_AT", "SCALES_AT", "TABLE_AT")

STRIP_PRODUCTS = 384  # of one output, times blocks: work enough for a work-item


@dataclass(frozen=True)
class Shape:
    """How a kernel divides its work.

    Attributes
    ----------
    inner : "pairs", "floats", "ints" or "dots", how products are summed; "" for layers without
    block : int, output channels of a work-item
    depth : int, input channels that are taken at once
    tile : int, pixels of a work-item
    group : int, tiles of a work-group
    strip : int, most blocks that a work-item makes one after the other, so that short sums are worth its start
    group_strips : int, strips of a work-group of a convolution, so that it has group * group_strips work-items
    """

    inner: str
    block: int
    depth: int
    tile: int
    group: int
    strip: int = 1
    group_strips: int = 1

    @property
    def program(self):
        """What its program depends on; the group is not part of it."""
        return self.inner, self.block, self.depth, self.tile


@dataclass(frozen=True, eq=False)
class Work:
    """What one kernel is given.

    Attributes
    ----------
    numbers : int32, as NUMBERS has them
    weights, bias, scales, table : arrays as the kernels read them
    size, group : (tiles, blocks) work-items in all and in a group
    """

    kernel: str
    shape: Shape
    numbers: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    scales: np.ndarray
    table: np.ndarray
    size: tuple
    group: tuple


def lower(layer, shape):
    """The Work of a layer in a Shape; its arena has been laid out."""
    if layer.kind == "map":
        layer = _whole_rows(layer)
    tiled = layer.kind in ("convolution", "depthwise")
    n_tiles = -(-layer.y.n_pixels // (shape.tile if tiled else 1))
    n_blocks = -(-layer.y.channels // shape.block)
    weights = PACKERS[layer.kind](layer, shape)
    numbers = {"N_TILES": n_tiles, "PAD_AT": layer.pad.at if layer.pad else 0,
               "BLOCK_WEIGHTS": _block_weights(layer, weights, n_blocks)}
    strip = _strip(layer, shape)
    numbers |= {"N_BLOCKS": n_blocks, "STRIP": strip} | _places(layer, shape) | _window(layer) | _ending(layer)
    n = n_blocks * shape.block
    return Work(
        "addition" if layer.kind == "add" else layer.kind, shape,
        np.array([numbers.get(name, 0) for name in NUMBERS] + _taps(layer), np.int32), weights,
        _blocks(layer.bias, n, np.int32), _blocks(layer.scales, n, np.float32),
        np.zeros(256, np.int8) if layer.table is None else layer.table,
        *_division(shape, tiled, n_tiles, -(-n_blocks // strip)))


def _division(shape, tiled, n_tiles, n_strips):
    """(work-items in all, work-items of a group), each as (tiles, strips).

    Convolutions are never given a smaller group: their kernels skip what is too much, and PoCL compiles a kernel anew
    for every size of a group.
    """
    group = (shape.group, shape.group_strips) if tiled else (min(shape.group, n_tiles), 1)
    return tuple(-(-n // part) * part for n, part in zip((n_tiles, n_strips), group)), group


def _places(layer, shape):
    x, y, other = layer.x, layer.y, layer.other
    numbers = {"X_AT": x.at, "X_PIXEL": x.pixel, "X_ROW": x.row, "X_HEIGHT": x.height, "X_WIDTH": x.width,
               "X_DEPTH": -(-x.channels // shape.depth) * shape.depth, "Y_AT": y.at, "Y_PIXEL": y.pixel,
               "Y_ROW": y.row, "Y_WIDTH": y.width, "Y_CHANNELS": y.writable, "N_PIXELS": y.n_pixels}
    if other is not None:
        numbers |= {"HAS_OTHER": 1, "OTHER_AT": other.at, "OTHER_PIXEL": other.pixel}
    return numbers


def _strip(layer, shape):
    """Blocks of a work-item: as many as its Shape allows, fewer where one is work enough."""
    if layer.weights is None:
        return 1
    products = layer.weights[0].size if layer.kind == "convolution" else layer.window.size[0] * layer.window.size[1]
    return max(1, min(shape.strip, STRIP_PRODUCTS // products))


def _window(layer):
    """Where a filter begins, and below which place it does not reach out of the picture."""
    window = layer.window
    if window is None:
        return {}
    numbers = {"N_TAPS": window.size[0] * window.size[1]}
    for axis, name, n in ((0, "Y", layer.x.height), (1, "X", layer.x.width)):
        reach = (window.size[axis] - 1) * window.dilation[axis]
        numbers |= {f"STRIDE_{name}": window.stride[axis], f"BEFORE_{name}": window.before[axis],
                    f"INSIDE_{name}": n - reach}
    return numbers


def _taps(layer):
    """[byte, y, x, ...] of a filter's taps from its first; the last one twice, for kernels that take two at once."""
    window = layer.window
    if window is None:
        return []
    places = [(y * window.dilation[0], x * window.dilation[1]) for y in range(window.size[0])
              for x in range(window.size[1])]
    return [number for y, x in [*places, places[-1]] for number in (y * layer.x.row + x * layer.x.pixel, y, x)]


def _ending(layer):
    """Limits, table and addition."""
    numbers = {"LOW": layer.limits[0], "HIGH": layer.limits[1], "ZERO": layer.zero_point}
    if layer.table is not None:
        flip = _flip(layer.table)
        numbers |= {"HAS_TABLE": 1} if flip is None or layer.kind != "map" else {"FLIP": flip}
    if layer.addition is not None:
        sum = layer.addition
        numbers |= {"ADD_BIAS": sum.bias, "ADD_OWN": sum.a_multiplier, "ADD_OTHER": sum.b_multiplier,
                    "ADD_SHIFT": sum.shift, "ADD_ZERO": sum.zero_point, "ADD_LOW": sum.low, "ADD_HIGH": sum.high}
    return numbers


def _flip(table):
    """The bits that a table flips in every byte, or None if it does more than that."""
    flips = table.view(np.uint8) ^ np.arange(256, dtype=np.uint8)  # np.unique would load numpy.ma at every start
    return int(flips[0]) if (flips == flips[0]).all() else None


def _whole_rows(layer):
    """A copy between values without gaps takes their rows as single pixels."""
    x, y = layer.x, layer.y
    if x.pixel != x.channels or y.pixel != y.channels:
        return layer
    n = x.width * x.channels
    x, y = (replace(place, width=1, channels=n, pixel=n, writable=n) for place in (x, y))
    return replace(layer, x=x, y=y)


def _blocks(values, n, dtype):
    """One value a channel, padded with zeros to whole blocks."""
    out = np.zeros(n, dtype)
    if values is not None:
        out[:len(values)] = values
    return out


def _block_weights(layer, weights, n_blocks):
    """Elements from one block's weights to the next; of "resize", where the columns start."""
    if layer.kind == "resize":
        return layer.weights_y.size
    return weights.size // n_blocks
