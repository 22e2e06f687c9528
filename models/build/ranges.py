"""From what the tensors hold to the ranges that are worth eight bits."""

import numpy as np
from graph import RELU_LIMITS

INNER_QUANTILE = 1.0
HEAD_QUANTILES = {"regress": (0.001, 0.999), "offset": (0.002, 0.998)}
LOGIT_FLOOR = {"center": -7.0, "heatmap": -8.0}
SLACK = 1.05


def inner_ranges(graph, extremes, quantile=INNER_QUANTILE):
    """{tensor: (low, high)} for every layer, inside what its activation lets through."""
    return {layer.name: clipped(layer, extremes[layer.name].span(quantile)) for layer in graph.layers}


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
