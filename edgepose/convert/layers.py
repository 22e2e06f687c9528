"""From the IR's nodes to layers: what a network computes, with its weights and the ranges of its tensors.

A layer is everything between two quantised tensors: convolution, bias, activation and the FakeQuantize behind them.
"""

from dataclasses import dataclass, field

import numpy as np

from edgepose.errors import ModelError

ACTIVATIONS = {"ReLU": "relu", "Elu": "elu"}
LEVELS = 256
NEARLY_ZERO = 1e-3  # steps; zero points of the weights are stored as rounding noise


@dataclass
class Kernel:
    """Weights: `scale` times int8 `values`, (output channels, inputs, height, width), and a bias."""

    values: np.ndarray
    scale: np.ndarray
    bias: np.ndarray
    stride: int
    dilation: int
    pad: int


@dataclass(eq=False)
class Layer:
    """One step of the network and the tensor that it makes.

    Attributes
    ----------
    kind : "input", "conv", "depthwise", "elu", "add" or "concat"
    inputs : Layers
    kernel : Kernel of a conv or depthwise
    relu : bool, whether the result is cut at zero
    low, high : float64 (1,) or (channels,), the range of the result; None where the IR has none
    scale, offset : of an input, real = scale * level + offset
    """

    name: str
    kind: str
    inputs: list = field(default_factory=list)
    kernel: Kernel = None
    relu: bool = False
    low: np.ndarray = None
    high: np.ndarray = None
    scale: float = 1.0
    offset: float = 0.0


def recognise(results):
    """The network's layers in running order.

    Parameters
    ----------
    results : Result nodes of `ir.read`

    Raises
    ------
    ModelError : nodes stand in an order that the converter does not know; names the node
    """
    made = {}
    for result in results:
        _layer(result.inputs[0], made)
    return list(made.values())


def _layer(node, made):
    """The layer that makes a node's value; `made` collects layers behind those that they need."""
    if node in made:
        return made[node]
    builder = {"FakeQuantize": _ranged, "Concat": _concat}.get(node.kind, _bare)
    made[node] = layer = builder(node, made)
    return layer


def _ranged(node, made):
    """A layer whose result is quantised."""
    low, high, low_out, high_out = (_constant(port).astype(np.float64).ravel() for port in node.inputs[1:])
    same = np.array_equal(low, low_out) and np.array_equal(high, high_out)
    if not same or int(node.data["levels"]) != LEVELS or np.any(low > 0) or np.any(high <= 0):
        _refuse(node, f"only FakeQuantize with {LEVELS} levels, around zero and with one range is known")
    inner = node.inputs[0]
    if _is_input(inner):
        return _input(inner)
    layer = _bare(inner, made)
    layer.low, layer.high = low, high
    return layer


def _bare(node, made):
    """A layer without its range."""
    if node.kind == "Elu":
        return _elu(node, made)
    relu = node.kind == "ReLU"
    inner = node.inputs[0] if relu else node
    if inner.kind != "Add":
        _refuse(inner, "an Add was expected here")
    kind = inner.inputs[0].kind
    if kind in ("Convolution", "GroupConvolution"):
        return _convolution(node.name, inner, relu, made)
    return Layer(node.name, "add", [_layer(port, made) for port in inner.inputs], relu=relu)


def _elu(node, made):
    """An exponential linear unit, a layer of its own; the layer before it has no range yet."""
    if float(node.data["alpha"]) != 1:
        _refuse(node, "only alpha 1 is known")
    return Layer(node.name, "elu", [_layer(node.inputs[0], made)])


def _concat(node, made):
    if int(node.data["axis"]) != 1:
        _refuse(node, "only a Concat of channels is known")
    return Layer(node.name, "concat", [_layer(port, made) for port in node.inputs])


def _is_input(node):
    return node.kind == "Add" and node.inputs[0].kind == "Multiply" and node.inputs[0].inputs[0].kind == "Parameter"


def _input(node):
    """The picture, its normalisation as one scale and one offset; its own range only rounds a second time."""
    scale = np.unique(_constant(node.inputs[0].inputs[1]).astype(np.float64))
    offset = np.unique(_constant(node.inputs[1]).astype(np.float64))
    if scale.size != 1 or offset.size != 1:
        _refuse(node, "only one scale and one mean for all colours are known")
    return Layer(node.inputs[0].inputs[0].name, "input", scale=float(scale[0]), offset=float(offset[0]))


def _convolution(name, add, relu, made):
    node = add.inputs[0]
    source = _layer(node.inputs[0], made)
    values, scale = _weights(node.inputs[1])
    bias = _constant(add.inputs[1]).astype(np.float64).ravel()
    stride, dilation, pad = (_square(node, key) for key in ("strides", "dilations", "pads_begin"))
    if _square(node, "pads_end") != pad or pad not in (0, dilation * (values.shape[-1] // 2)):
        _refuse(node, "only no padding, or as much as keeps the size, is known")
    kind = "conv" if node.kind == "Convolution" else "depthwise"
    if kind == "depthwise" and values.shape[1] != 1:
        _refuse(node, "only groups of one channel are known")
    return Layer(name, kind, [source], Kernel(values, scale, bias, stride, dilation, pad), relu)


def _weights(node):
    """(int8 values, float64 scale an output channel) of Multiply(Subtract(Convert(values), zero), scale)."""
    if node.kind == "Reshape":
        node = node.inputs[0]
    if [node.kind, node.inputs[0].kind, node.inputs[0].inputs[0].kind] != ["Multiply", "Subtract", "Convert"]:
        _refuse(node, "int8 weights with a zero point and a scale were expected here")
    subtract = node.inputs[0]
    values, zero = _constant(subtract.inputs[0].inputs[0]), _constant(subtract.inputs[1])
    if values.dtype != np.int8 or np.abs(zero.astype(np.float64)).max() > NEARLY_ZERO or values.min() < -127:
        _refuse(node, "only int8 weights around zero are known")
    return values, _constant(node.inputs[1]).astype(np.float64).ravel()


def _square(node, key):
    """An attribute that is the same for height and width."""
    first, second = node.numbers(key)
    if first != second:
        _refuse(node, f"{key} {first},{second}: only the same number twice is known")
    return first


def _constant(node):
    if node.value is None:
        _refuse(node, "a constant was expected here")
    return node.value


def _refuse(node, why):
    raise ModelError(f"layer {node.name} of type {node.kind}: {why}")
