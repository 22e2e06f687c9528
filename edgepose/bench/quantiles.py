"""Quantiles of samples, and how many samples a quantile needs."""

import math

import numpy as np

QUANTILES = {"p50": 0.50, "p90": 0.90, "p99": 0.99}
_LEVEL = 0.95
N_BINS = 24


def needed(fraction, level=_LEVEL):
    """How many independent samples it takes until the largest is, `level` sure, not below a quantile.

    Notes
    -----
    fraction ** n <= 1 - level: 299 samples for a p99. Source: S. S. Wilks, Determination of sample sizes for setting
    tolerance limits, Annals of Mathematical Statistics 12, 1941.
    """
    return math.ceil(math.log(1 - level) / math.log(fraction))


def describe(values):
    """{"n", "p50", "p90", "p99", "max"} of samples, each a value that was measured, as int; None where n is 0."""
    found = {"n": len(values)} | dict.fromkeys((*QUANTILES, "max"))
    if len(values):
        cuts = np.quantile(values, list(QUANTILES.values()), method="inverted_cdf")
        found |= {name: int(cut) for name, cut in zip(QUANTILES, cuts)} | {"max": int(np.max(values))}
    return found


def histogram(values, n_bins=N_BINS):
    """{"edges", "counts"}: bins of even width on a logarithmic axis from the least sample to the greatest."""
    if not len(values):
        return {"edges": [], "counts": []}
    low, high = max(1, int(np.min(values))), max(2, int(np.max(values)) + 1)
    edges = np.geomspace(low, max(high, low * 1.01), n_bins + 1)
    counts = np.histogram(np.maximum(values, low), edges)[0]
    return {"edges": [round(float(edge)) for edge in edges], "counts": counts.tolist()}


def bars(counts):
    """A histogram as one line of block characters."""
    most = max(counts, default=0)
    return "".join(" ▁▂▃▄▅▆▇█"[math.ceil(8 * count / most)] for count in counts) if most else ""
