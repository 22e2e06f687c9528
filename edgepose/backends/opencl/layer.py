"""A plan's parts: layers, each one kernel's work, and the arena that they work in."""

from dataclasses import dataclass, field

import numpy as np

from edgepose.backends.opencl import arithmetic
from edgepose.backends.opencl.arena import Arena, Place, Room


@dataclass
class Window:
    """Where a filter looks: `at = output * stride - before + tap * dilation`, each as (y, x)."""

    size: tuple
    stride: tuple
    dilation: tuple
    before: tuple


@dataclass
class Layer:
    """One kernel's work.

    Attributes
    ----------
    kind : "convolution", "depthwise", "add", "resize" or "map"
    x, y : Places that it reads and writes
    window, weights, bias, scales : of the convolutions; weights (n, height, width, depth), or without n
    pad : Room of a pixel of zero points, which is read outside of `x`
    limits : (low, high) of the stored result, before table and addition
    zero_point : of the result, before table and addition
    table : int8 (256,) that the result goes through, or None
    other, addition : Place and Addition of what is added at the end, or None
    weights_y, weights_x : of "resize", as `arithmetic.bilinear` gives them
    """

    kind: str
    name: str
    x: Place
    y: Place
    window: Window | None = None
    weights: np.ndarray | None = None
    bias: np.ndarray | None = None
    scales: np.ndarray | None = None
    pad: Room | None = None
    limits: tuple = (-128, 127)
    zero_point: int = 0
    table: np.ndarray | None = None
    other: Place | None = None
    addition: arithmetic.Addition | None = None
    weights_y: np.ndarray | None = None
    weights_x: np.ndarray | None = None

    @property
    def n_products(self):
        """Multiplications of one run, the measure of its work."""
        return self.y.n_pixels * (self.weights.size if self.weights is not None else 0)


@dataclass
class Plan:
    """Layers in their order, and the arena that they work in.

    Attributes
    ----------
    layers : list of Layer
    arena : Arena, laid out
    input : Place of the network's input, uint8, dense
    outputs : (Places) of the network's outputs, dense and side by side
    """

    layers: list = field(default_factory=list)
    arena: Arena = field(default_factory=Arena)
    input: Place | None = None
    outputs: tuple = ()

    def keep_input(self):
        """Give the input a room of its own, so that its padding stays from frame to frame."""
        self.input.room.kept = True
        self.arena.lay_out(self.layers, self.input)
