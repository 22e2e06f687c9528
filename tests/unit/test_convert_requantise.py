"""Weights on other grids: the integer result against the real one, over random kernels and ranges."""

import numpy as np
import pytest

from edgepose.convert import grids
from edgepose.convert.grids import Grid
from edgepose.convert.layers import Kernel, Layer
from edgepose.convert.requantise import requantise
from edgepose.errors import ModelError


def random_layer(rng, kind, n_out, n_in, relu=False, pad=0):
    shape = (n_out, 1 if kind == "depthwise" else n_in, 1, 1)
    kernel = Kernel(rng.integers(-127, 128, shape).astype(np.int8), rng.uniform(1e-4, 1e-2, n_out),
                    rng.normal(0, 1, n_out), 1, 1, pad)
    return Layer("layer", kind, kernel=kernel, relu=relu)


def integer_result(stored, source, target, values, depthwise):
    """What TensorFlow Lite computes before it rounds: stored steps of the output."""
    moved = values.astype(np.int64) - source.zero_point
    weights = stored.values[:, :, 0, 0].astype(np.int64)
    sums = (moved * weights[:, 0] if depthwise else moved @ weights.T) + stored.bias
    return sums * (source.scale * stored.scale.astype(np.float64) / target.scale) + target.zero_point


def real_result(layer, source, target, values):
    """The same from what everything is worth."""
    real = (values - source.zero) * source.step
    weights = layer.kernel.values[:, :, 0, 0] * layer.kernel.scale[:, None]
    sums = (real * weights[:, 0] if layer.kind == "depthwise" else real @ weights.T) + layer.kernel.bias
    return sums / target.step + target.zero


@pytest.mark.parametrize("kind", ["conv", "depthwise"])
def test_one_scale_or_one_a_channel_behind_gives_the_real_result(rng, kind):
    for _ in range(50):
        n = int(rng.integers(1, 40))
        layer = random_layer(rng, kind, n, n)
        by_channel = grids.by_channel(rng.uniform(0.1, 20, n))
        even = grids.even(-float(rng.uniform(0, 3)), float(rng.uniform(0.1, 3)))
        source, target = (by_channel, even) if kind == "depthwise" else (even, by_channel)
        values = rng.integers(-128, 128, (20, n))
        stored = requantise(layer, source, target)
        away = integer_result(stored, source, target, values, kind == "depthwise")
        assert np.all(np.abs(away - real_result(layer, source, target, values)) < bias_step(stored, source, target))


def bias_step(stored, source, target):
    """Half a step of the bias, in steps of the output, and what float32 scales may add."""
    return 0.5 * source.scale * stored.scale / target.scale + 1e-3


def test_another_zero_point_of_the_output_goes_into_the_bias(rng):
    layer, source = random_layer(rng, "conv", 8, 8), grids.even(0.0, 2.0)
    target = grids.even(-1.0, 1.0).stored_as(grids.even(0.0, 5.0))
    values = rng.integers(-128, 128, (20, 8))
    stored = requantise(layer, source, target)
    away = integer_result(stored, source, target, values, False) - real_result(layer, source, target, values)
    assert np.all(np.abs(away) < bias_step(stored, source, target))


def test_inputs_of_different_scales_round_the_weights_to_half_a_step(rng):
    layer = random_layer(rng, "conv", 8, 30)
    common = grids.even(0.0, 4.0)
    source = Grid(common.scale, common.zero_point, rng.uniform(0.2, 1, 30) * common.scale,
                  rng.integers(-128, 128, 30))
    target, values = grids.even(-1.0, 1.0), rng.integers(-128, 128, (20, 30))
    stored = requantise(layer, source, target)
    assert np.abs(stored.values.reshape(8, -1)).max(1).tolist() == [127] * 8
    away = integer_result(stored, source, target, values, False) - real_result(layer, source, target, values)
    most = np.abs(values - source.zero).sum(1, keepdims=True) * 0.5 * stored.scale * source.scale / target.scale
    assert np.all(np.abs(away) < most + bias_step(stored, source, target))


def test_zero_is_stored_exactly():
    for low, high in ((0.0, 24.89), (-3.65, 3.62), (-0.5, 7.0), (-128 / 127, 1.0)):
        grid = grids.even(low, high)
        assert grid.plain and -128 <= grid.zero_point <= 127
        assert abs((127 - grid.zero_point) * grid.scale - high) <= grid.scale


def test_padding_with_a_zero_that_the_file_does_not_know_is_refused(rng):
    layer = random_layer(rng, "conv", 4, 4, pad=1)
    source = grids.even(-1.0, 1.0).stored_as(grids.even(0.0, 5.0))
    with pytest.raises(ModelError, match="layer layer: it pads with zeros"):
        requantise(layer, source, grids.even(-1.0, 1.0))


def test_cutting_at_a_zero_that_the_file_does_not_know_is_refused(rng):
    layer = random_layer(rng, "conv", 4, 4, relu=True)
    target = grids.even(-1.0, 1.0).stored_as(grids.even(0.0, 5.0))
    with pytest.raises(ModelError, match="layer layer: it cuts at zero"):
        requantise(layer, grids.even(0.0, 2.0), target)


def test_bias_that_does_not_fit_is_refused(rng):
    layer = random_layer(rng, "conv", 4, 4)
    layer.kernel.bias = layer.kernel.bias + 1e9
    with pytest.raises(ModelError, match="layer layer: a bias of .* does not fit 32 bits"):
        requantise(layer, grids.even(0.0, 1e-3), grids.even(0.0, 2.0))
