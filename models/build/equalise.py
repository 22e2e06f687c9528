"""Rescale channels so that all channels of a tensor use its eight bits alike.

A channel may be multiplied by a positive number if every layer that reads it
divides its weights by the same number. Additions and resizes tie the channels
of the tensors around them. ReLU lets any number through; under ReLU6 a channel
may only grow, up to where its own largest value meets the limit of six. The
float network stays the same, but for values beyond those seen in calibration.
"""

import numpy as np

RELU6_LIMIT = 6.0
MOST = 64.0
TYING = ("add", "resize")


def equalise(graph, extremes, strength=1.0, quantile=1.0):
    """A copy of the graph with channels rescaled.

    Parameters
    ----------
    graph : Graph
    extremes : {tensor: calibrate.Extremes}
    strength : 0 leaves all as it is, 1 gives all channels the same range
    quantile : share of the pictures whose extremes count
    """
    factors = {}
    for group in tied_groups(graph):
        factor = group_factor(graph, group, extremes, strength, quantile)
        factors |= {name: factor for name in group}
    return rescale(graph, factors)


def tied_groups(graph):
    """Lists of tensors whose channels must share their factors."""
    group_of = {name: {name} for name in [graph.input] + [layer.name for layer in graph.layers]}
    for layer in graph.layers:
        if layer.kind in TYING:
            merged = set().union(*(group_of[name] for name in [layer.name, *layer.inputs]))
            group_of |= {name: merged for name in merged}
    return list({id(group): sorted(group) for group in group_of.values()}.values())


def group_factor(graph, group, extremes, strength, quantile):
    """One factor a channel, float (channels,); 1.0 for the network's ends."""
    if graph.input in group or set(group) & set(graph.outputs):
        return 1.0
    if any(graph.layer(name).activation == "relu6" for name in group):
        return relu6_factor(extremes[group[0]], strength, quantile)
    shares = [share_of_range(extremes[name], quantile) for name in group]
    return np.clip(np.max(shares, axis=0), 1 / MOST, 1) ** -strength


def relu6_factor(extremes, strength, quantile):
    """How much each channel may grow below the limit of six."""
    _, high = extremes.channels(quantile)
    return (RELU6_LIMIT / np.clip(high, RELU6_LIMIT / MOST, RELU6_LIMIT)) ** strength


def share_of_range(extremes, quantile):
    """Each channel's range over the widest channel's, 0..1."""
    low, high = extremes.channels(quantile)
    width = np.maximum(high, 0) - np.minimum(low, 0)
    return width / max(width.max(), 1e-12)


def rescale(graph, factors):
    """A copy of the graph whose tensors are multiplied by their factors."""
    changed = graph.copy()
    for layer in changed.layers:
        if layer.has_weights:
            rescale_layer(layer, factors[layer.inputs[0]], factors[layer.name])
    return changed


def rescale_layer(layer, before, after):
    """Fold the factors of a layer's input and output into its weights."""
    if layer.kind == "conv":
        weights = layer.weights / before * np.reshape(after, (-1, 1, 1, 1))
    else:
        weights = layer.weights / before * after
    layer.weights = weights.astype(np.float32)
    layer.bias = (layer.bias * after).astype(np.float32)
