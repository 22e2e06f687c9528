"""Run the float network over crops and note what every tensor holds."""

from dataclasses import dataclass

import numpy as np
from graph import shapes
from lower import write_float
from movenet import looked_at
from network import Network


@dataclass
class Extremes:
    """Smallest and largest value per picture and channel.

    low, high : float32 (pictures, channels)
    """

    low: np.ndarray
    high: np.ndarray

    def span(self, quantile=1.0):
        """(low, high) over all channels that this share of the pictures fits into."""
        low, high = self.channels(quantile)
        return float(low.min()), float(high.max())

    def channels(self, quantile=1.0):
        """The same for each channel: two float arrays (channels,)."""
        return np.quantile(self.low, 1 - quantile, axis=0), np.quantile(self.high, quantile, axis=0)


def extremes(graph, crops):
    """{tensor: Extremes} of the float network over uint8 crops (n, h, w, 3)."""
    names = list(shapes(graph))[1:]
    network = Network(write_float(graph, "calibration", names))
    found = {name: ([], []) for name in names}
    for crop in crops:
        for name, value in network.run(crop).items():
            found[name][0].append(value.min((0, 1)))
            found[name][1].append(value.max((0, 1)))
    return {name: Extremes(np.array(low), np.array(high)) for name, (low, high) in found.items()}


def head_samples(network, crops):
    """{head: float (n,)}: the values that the decode looks at, over all crops."""
    rows = [looked_at(network.run(crop))[0] for crop in crops]
    return {head: np.concatenate([row[head].ravel() for row in rows]) for head in rows[0]}
