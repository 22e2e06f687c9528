"""Run the float network over crops and note what every tensor holds."""

from dataclasses import dataclass

import numpy as np
from graph import shapes
from lower import write_float
from movenet import looked_at
from network import Network

DRAWN = 256


@dataclass
class Extremes:
    """Smallest and largest value per picture and channel, and some values drawn from all of them.

    low, high : float32 (pictures, channels)
    drawn : float32 (pictures, DRAWN)
    """

    low: np.ndarray
    high: np.ndarray
    drawn: np.ndarray

    def span(self, quantile=1.0):
        """(low, high) over all channels that this share of the pictures fits into."""
        low, high = self.channels(quantile)
        return float(low.min()), float(high.max())

    def channels(self, quantile=1.0):
        """The same for each channel: two float arrays (channels,)."""
        return np.quantile(self.low, 1 - quantile, axis=0), np.quantile(self.high, quantile, axis=0)


def extremes(graph, crops):
    """{tensor: Extremes} of the float network over uint8 crops (n, h, w, 3)."""
    names, rng = list(shapes(graph))[1:], np.random.default_rng(0)
    network = Network(write_float(graph, "calibration", names))
    found = {name: ([], [], []) for name in names}
    for crop in crops:
        for name, value in network.run(crop).items():
            picture = value.min((0, 1)), value.max((0, 1)), rng.choice(value.ravel(), DRAWN)
            for rows, row in zip(found[name], picture):
                rows.append(row)
    return {name: Extremes(*map(np.array, rows)) for name, rows in found.items()}


def head_samples(network, crops):
    """{head: float (n,)}: the values that the decode looks at, over all crops."""
    rows = [looked_at(network.run(crop))[0] for crop in crops]
    return {head: np.concatenate([row[head].ravel() for row in rows]) for head in rows[0]}
