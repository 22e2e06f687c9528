"""Bias correction: give back what rounding takes from a layer's mean.

A post-training step for comparison; distillation learns its biases itself.
"""

import numpy as np
from lower import write_float, write_int8
from network import Network
from quantise import quantise, shift_input

ROUNDS = 3


def corrected(graph, ranges, crops, rounds=ROUNDS):
    """A copy of the graph whose linear layers keep their means as int8.

    Parameters
    ----------
    graph : Graph, with quantise.shift_input not yet done
    ranges : {tensor: (low, high)}
    crops : uint8 (n, height, width, 3)
    rounds : each corrects all layers by what is still missing
    """
    changed, names = graph.copy(), linear_layers(graph)
    wanted = means(write_float(graph, "float", names), crops)
    for _ in range(rounds):
        found = means(int8_with_outputs(changed, ranges, names), crops)
        for name in names:
            layer = changed.layer(name)
            layer.bias = (layer.bias + wanted[name] - found[name]).astype(np.float32)
    return changed


def linear_layers(graph):
    """Names of the convolutions without activation, heads left out as they saturate."""
    linear = [layer for layer in graph.layers if layer.has_weights and layer.activation == "none"]
    return [layer.name for layer in linear if layer.name not in graph.outputs]


def int8_with_outputs(graph, ranges, names):
    """The int8 model with inner tensors as its outputs."""
    shifted = shift_input(graph)
    shifted.outputs = names
    return write_int8(shifted, quantise(shifted, ranges), "bias correction")


def means(content, crops):
    """{output: float (channels,)}: its mean over all crops and places."""
    network = Network(content)
    rows = [{name: value.mean((0, 1)) for name, value in network.run(crop).items()} for crop in crops]
    return {name: np.mean([row[name] for row in rows], axis=0) for name in rows[0]}
