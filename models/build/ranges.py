"""From what the tensors hold to the ranges that are worth eight bits."""

import numpy as np
from graph import RELU_LIMITS
from quantise import affine

INNER_QUANTILE = 1.0
HEAD_QUANTILES = {"regress": (0.001, 0.999), "offset": (0.002, 0.998)}
LOGIT_FLOOR = {"center": -7.0, "heatmap": -8.0}
SLACK = 1.05
SHARES = np.linspace(1, 0.4, 31)


def inner_ranges(graph, extremes, quantile=INNER_QUANTILE):
    """{tensor: (low, high)} for every layer, inside what its activation lets through."""
    return {layer.name: clipped(layer, extremes[layer.name].span(quantile)) for layer in graph.layers}


def searched_ranges(graph, extremes):
    """{tensor: (low, high)}: for every layer the share of its whole range that rounds its values best."""
    return {layer.name: clipped(layer, best_span(extremes[layer.name])) for layer in graph.layers}


def best_span(found):
    """(low, high) with the least square error of rounding and clipping together."""
    low, high = found.span()
    return min(((low * share, high * share) for share in SHARES), key=lambda span: rounding_error(found.drawn, *span))


def rounding_error(values, low, high):
    """Mean square error of values in the int8 tensor of a range."""
    step = affine(low, high)
    stored = np.clip(np.round(values / step.scale) + step.zero_point, -128, 127)
    return np.mean(((stored - step.zero_point) * step.scale - values) ** 2)


def clipped(layer, span):
    """A range cut to the limits of the layer's activation."""
    low, high = RELU_LIMITS[layer.activation]
    return max(span[0], low), min(span[1], high)


def head_ranges(samples):
    """Ranges of the four heads: only what the decode looks at is worth a step.

    Logits saturate at a floor below which no cell wins against a neighbour;
    vectors cover what occurs at the cells that win.
    """
    ranges = {head: (floor, float(samples[head].max()) * SLACK) for head, floor in LOGIT_FLOOR.items()}
    for head, quantiles in HEAD_QUANTILES.items():
        ranges[head] = tuple(float(value) * SLACK for value in np.quantile(samples[head], quantiles))
    return ranges
