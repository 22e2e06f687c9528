"""The integer arithmetic of TFLite's XNNPACK path: everything that can be worked out before the first frame.

Formulas after XNNPACK's `src/microparams-init.c` (addition), `src/indirection.c` (bilinear weights) and its
`qs8` requantisation in float32, which rounds half to even before the zero point is added.
"""

import math
from dataclasses import dataclass

import numpy as np

REAL_LIMITS = {"none": (-math.inf, math.inf), "relu": (0, math.inf), "relu_n1_to_1": (-1, 1), "relu6": (0, 6)}
RESIZE_BITS = 11
_ADD_BITS = 20


@dataclass(frozen=True)
class Addition:
    """`(bias + a * a_multiplier + b * b_multiplier) >> shift`, then the zero point, then the limits."""

    bias: int
    a_multiplier: int
    b_multiplier: int
    shift: int
    zero_point: int
    low: int
    high: int


def limits(activation, output):
    """(low, high) int8 of what an activation lets through."""
    info = np.iinfo(np.int8)
    low, high = REAL_LIMITS[activation]
    return _quantise(low, output, info.min), _quantise(high, output, info.max)


def _quantise(real, tensor, unlimited):
    if math.isinf(real):
        return unlimited
    return int(np.clip(np.rint(np.float32(real) / tensor.scale) + tensor.zero_point, -128, 127))


def requantisation(x, weights, output, n):
    """float32 (n,), what a sum of products is multiplied with, one a channel."""
    scales = x.scale * weights.scales / output.scale
    return np.broadcast_to(scales.astype(np.float32), (n,))


def corrected_bias(x, weights, bias, channel_axis):
    """int32 (n,): the bias, less what the input's zero point adds to every sum."""
    axes = tuple(axis for axis in range(4) if axis != channel_axis)
    sums = weights.astype(np.int64).sum(axis=axes) * x.zero_point
    return ((0 if bias is None else bias.astype(np.int64)) - sums).astype(np.int32)


def addition(a, b, output, activation):
    """The Addition of two tensors."""
    a_ratio, b_ratio = a.scale / output.scale, b.scale / output.scale
    shift = _ADD_BITS - (math.frexp(max(a_ratio, b_ratio))[1] - 1)
    a_multiplier, b_multiplier = (int(np.rint(float(ratio) * 2.0 ** shift)) for ratio in (a_ratio, b_ratio))
    bias = (1 << (shift - 1)) - a_multiplier * a.zero_point - b_multiplier * b.zero_point
    return Addition(bias, a_multiplier, b_multiplier, shift, output.zero_point, *limits(activation, output))


def bilinear(n_in, n_out, align_corners, half_pixel):
    """Per output row or column: int32 (n_out, 3) of the first and second place and the second's weight, 1/2048."""
    aligned = align_corners and n_out > 1
    step = np.float32(n_in - aligned) / np.float32(n_out - aligned)
    shift = np.float32(0.5) * step - np.float32(0.5) if half_pixel else np.float32(0)
    at = np.clip(np.arange(n_out, dtype=np.float32) * step + shift, 0, np.float32(n_in - 1))
    first = at.astype(np.int32)
    weight = np.rint((at - first) * np.float32(1 << RESIZE_BITS)).astype(np.int32)
    return np.stack([first, np.minimum(first + 1, n_in - 1), weight], axis=1)


def table(kind, x, output):
    """int8 (256,) by the stored byte: QUANTIZE, ELU or LOGISTIC of every value that a tensor can hold."""
    stored = np.arange(256, dtype=np.uint8).view(x.dtype).astype(np.int32)
    real = (stored - x.zero_point).astype(np.float32) * x.scale
    scaled = _FUNCTIONS[kind](real) * (np.float32(1) / output.scale)
    rounded = np.rint(scaled) if kind == "QUANTIZE" else np.copysign(np.floor(np.abs(scaled) + np.float32(0.5)), scaled)
    return np.clip(rounded + output.zero_point, -128, 127).astype(np.int8)


def _elu(real):
    return np.where(real < 0, np.expm1(np.minimum(real, 0).astype(np.float64)), real).astype(np.float32)


def _logistic(real):
    return (1 / (1 + np.exp(-real.astype(np.float64)))).astype(np.float32)


_FUNCTIONS = {"QUANTIZE": np.copy, "ELU": _elu, "LOGISTIC": _logistic}
