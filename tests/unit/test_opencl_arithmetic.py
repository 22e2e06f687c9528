"""The OpenCL backend's integer arithmetic, against plain real arithmetic."""

import numpy as np
import pytest

from edgepose.backends.opencl import arithmetic
from edgepose.backends.opencl.graph import Tensor


def tensor(scale, zero_point=0, dtype="int8"):
    return Tensor("t", (1, 1, 1, 1), dtype, np.array([scale], np.float32), zero_point)


@pytest.mark.parametrize(("activation", "expected"), [
    ("none", (-128, 127)), ("relu", (-100, 127)), ("relu6", (-100, 20)), ("relu_n1_to_1", (-120, -80))])
def test_limits_are_where_the_activation_bends(activation, expected):
    assert arithmetic.limits(activation, tensor(0.05, -100)) == expected


def test_bias_takes_the_zero_point_out():
    weights = np.array([[[[3, -4]]], [[[100, 27]]]], np.int8)
    assert arithmetic.corrected_bias(tensor(1, 10), weights, np.array([5, 6], np.int32), 0).tolist() == [15, -1264]
    assert arithmetic.corrected_bias(tensor(1, 10), weights[:1], None, 3).tolist() == [-30, 40]


@pytest.mark.parametrize("scales", [(0.05, 0.05, 0.1), (0.004, 4.0, 3.0), (2.0, 0.3, 0.02), (0.25, 0.125, 0.5)])
def test_addition_is_the_real_sum_within_a_step(scales):
    a, b, output = tensor(scales[0], 5), tensor(scales[1], -9), tensor(scales[2], 17)
    sum = arithmetic.addition(a, b, output, "none")
    x, y = np.meshgrid(np.arange(-128, 128), np.arange(-128, 128))
    stored = (sum.bias + x * sum.a_multiplier + y * sum.b_multiplier) >> sum.shift
    stored = np.clip(stored + sum.zero_point, -128, 127)
    real = np.clip(((x - 5) * float(a.scale) + (y + 9) * float(b.scale)) / float(output.scale) + 17, -128, 127)
    assert np.abs(stored - real).max() <= 0.51
    assert 2 ** 20 <= max(sum.a_multiplier, sum.b_multiplier) <= 2 ** 21


@pytest.mark.parametrize(("n_in", "n_out"), [(8, 16), (8, 5), (1, 4), (5, 1), (7, 7)])
@pytest.mark.parametrize("how", [(False, False), (False, True), (True, False)])
def test_bilinear_weights_are_between_neighbours(n_in, n_out, how):
    places = arithmetic.bilinear(n_in, n_out, *how)
    assert places.min() >= 0 and places[:, :2].max() < n_in and places[:, 2].max() <= 2048
    assert np.isin(places[:, 1] - places[:, 0], (0, 1)).all()
    assert (np.diff(places[:, 0] * 2048 + places[:, 2]) >= 0).all()


def test_half_pixel_doubling_lies_on_quarters():
    assert arithmetic.bilinear(4, 8, False, True)[:4].tolist() == [[0, 1, 0], [0, 1, 512], [0, 1, 1536], [1, 2, 512]]


@pytest.mark.parametrize(("kind", "function"), [("ELU", lambda x: np.where(x < 0, np.expm1(x), x)),
                                                ("LOGISTIC", lambda x: 1 / (1 + np.exp(-x)))])
def test_table_is_the_function_within_half_a_step(kind, function):
    x, output = tensor(0.03, 20), tensor(1 / 128, -10)
    stored = np.arange(256, dtype=np.uint8).view(np.int8)
    exact = np.clip(function((stored.astype(float) - 20) * float(x.scale)) * 128 - 10, -128, 127)
    assert np.abs(arithmetic.table(kind, x, output) - exact).max() <= 0.501


def test_quantise_moves_the_zero_point():
    table = arithmetic.table("QUANTIZE", tensor(0.5, 128, "uint8"), tensor(0.5, 0))
    assert table[[0, 128, 255]].tolist() == [-128, 0, 127]
