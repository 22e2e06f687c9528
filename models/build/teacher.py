"""A layer graph in PyTorch, as the float network to learn from."""

import numpy as np
import torch
from quantise import INPUT_SCALE, INPUT_ZERO_POINT
from torch.nn import functional

TO_TORCH = {"conv": (0, 3, 1, 2), "depthwise": (3, 0, 1, 2)}
FROM_TORCH = {"conv": (0, 2, 3, 1), "depthwise": (1, 2, 3, 0)}
LIMITS = {"none": lambda x: x, "relu": torch.relu, "relu6": functional.relu6}


class Teacher:
    """The network as float, without gradients.

    Parameters
    ----------
    graph : Graph, with the same input as the student
    """

    def __init__(self, graph):
        self.graph = graph
        convs = [layer for layer in graph.layers if layer.has_weights]
        self.weights = {layer.name: (torch_weights(layer), torch.from_numpy(layer.bias)) for layer in convs}

    @torch.no_grad()
    def __call__(self, x):
        """{tensor: (n, channels, height, width)} of all layers."""
        return walk(self.graph, x, self.run)

    def run(self, layer, inputs):
        """One layer."""
        if not layer.has_weights:
            return combine(layer, inputs)
        return LIMITS[layer.activation](convolve(*inputs, *self.weights[layer.name], layer))


def walk(graph, x, run):
    """Run every layer in order; gives all tensors by name."""
    tensors = {graph.input: x}
    for layer in graph.layers:
        tensors[layer.name] = run(layer, [tensors[name] for name in layer.inputs])
    return tensors


def torch_weights(layer):
    """A layer's weights in PyTorch's layout."""
    return to_torch(layer.weights, layer.kind)


def to_torch(weights, kind):
    """Weights from the graph's layout to PyTorch's."""
    return torch.from_numpy(np.ascontiguousarray(weights.transpose(TO_TORCH[kind])))


def convolve(x, weights, bias, layer):
    """A convolution padded as TensorFlow pads."""
    groups = len(weights) if layer.kind == "depthwise" else 1
    (top, bottom), (left, right) = zeros_around(x, layer)
    if (top, left) != (bottom, right):
        x, top, left = functional.pad(x, (left, right, top, bottom)), 0, 0
    return functional.conv2d(x, weights, bias, layer.stride, (top, left), layer.dilation, groups)


def zeros_around(x, layer):
    """How many zeros go (above, below), (left, right); for "same", the odd one goes last."""
    if layer.padding == "valid":
        return (0, 0), (0, 0)
    lacking = [missing(n, k, layer) for n, k in zip(x.shape[2:], layer.weights.shape[1:3])]
    return [(n // 2, n - n // 2) for n in lacking]


def missing(length, kernel, layer):
    """How many zeros one axis lacks for "same"."""
    outputs = -(-length // layer.stride)
    return max((outputs - 1) * layer.stride + (kernel - 1) * layer.dilation + 1 - length, 0)


def combine(layer, inputs):
    """An addition, a concatenation or a resize."""
    if layer.kind == "resize":
        return functional.interpolate(inputs[0], size=layer.size, mode="bilinear", align_corners=False)
    joined = torch.cat(inputs, 1) if layer.kind == "concat" else inputs[0] + inputs[1]
    return LIMITS[layer.activation](joined)


def on_grid(crops):
    """uint8 (n, h, w, 3) crops as the input's int8 values, float (n, 3, h, w)."""
    values = (crops.astype(np.float32) - INPUT_ZERO_POINT) * np.float32(INPUT_SCALE)
    return torch.from_numpy(values).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
