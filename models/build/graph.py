"""A tiny layer graph: what a converted network is, whatever it came from.

Every layer makes one tensor, which carries the layer's name. Tensors are NHWC
with batch 1. Weights are float32:

=========  ==========================================
kind       weights
=========  ==========================================
conv       (out, height, width, in), bias (out,)
depthwise  (1, height, width, channels), bias (channels,)
add        none, two inputs
resize     none, bilinear with half-pixel centres, `size` (height, width)
concat     none, along the channels
=========  ==========================================
"""

import copy
from dataclasses import dataclass, field

import numpy as np

RELU_LIMITS = {"none": (-np.inf, np.inf), "relu": (0.0, np.inf), "relu6": (0.0, 6.0)}


@dataclass
class Layer:
    """One operation with its fused activation ("none", "relu" or "relu6")."""

    kind: str
    name: str
    inputs: list
    weights: np.ndarray = None
    bias: np.ndarray = None
    stride: int = 1
    dilation: int = 1
    padding: str = "same"
    activation: str = "none"
    size: tuple = None

    @property
    def has_weights(self):
        """Whether this is a convolution of either kind."""
        return self.weights is not None


@dataclass
class Graph:
    """Layers in an order that can be run, one input, the names of the outputs."""

    input: str
    input_shape: tuple
    layers: list = field(default_factory=list)
    outputs: list = field(default_factory=list)

    def layer(self, name):
        """The layer that makes a tensor."""
        return next(layer for layer in self.layers if layer.name == name)

    def consumers(self, name):
        """The layers that read a tensor."""
        return [layer for layer in self.layers if name in layer.inputs]

    def copy(self):
        """A deep copy, for a pass that changes weights."""
        return copy.deepcopy(self)


def rename(graph, names):
    """Give tensors new names: {old: new}; the others keep theirs."""
    graph.input = names.get(graph.input, graph.input)
    graph.outputs = [names.get(name, name) for name in graph.outputs]
    for layer in graph.layers:
        layer.name = names.get(layer.name, layer.name)
        layer.inputs = [names.get(name, name) for name in layer.inputs]


def shapes(graph):
    """Shape of every tensor: {name: (1, height, width, channels)}."""
    found = {graph.input: tuple(graph.input_shape)}
    for layer in graph.layers:
        found[layer.name] = SHAPE_OF[layer.kind](layer, [found[name] for name in layer.inputs])
    return found


def conv_shape(layer, inputs):
    """Output shape of a convolution of either kind."""
    _, height, width, _ = inputs[0]
    channels = layer.weights.shape[0] if layer.kind == "conv" else layer.weights.shape[3]
    kernel = layer.weights.shape[1:3]
    rows, columns = (out_length(n, k, layer) for n, k in zip((height, width), kernel))
    return (1, rows, columns, channels)


def out_length(length, kernel, layer):
    """Output length along one axis for "same" or "valid" padding."""
    reach = (kernel - 1) * layer.dilation + 1
    usable = length if layer.padding == "same" else length - reach + 1
    return -(-usable // layer.stride)


def resize_shape(layer, inputs):
    """Output shape of a resize."""
    return (1, *layer.size, inputs[0][3])


def concat_shape(_layer, inputs):
    """Output shape of a concatenation along the channels."""
    return (*inputs[0][:3], sum(shape[3] for shape in inputs))


SHAPE_OF = {
    "conv": conv_shape,
    "depthwise": conv_shape,
    "add": lambda _layer, inputs: inputs[0],
    "resize": resize_shape,
    "concat": concat_shape,
}


def swap_input_channels(graph):
    """Make an RGB network read BGR: reverse the first convolutions' inputs."""
    for layer in graph.consumers(graph.input):
        layer.weights = np.ascontiguousarray(layer.weights[..., ::-1])
