"""Presence: compiled kernel against twin, both against floats, and manifests that do not fit."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose import model, native
from edgepose.decoders.presence import Presence, logistic_table
from edgepose.errors import ModelError
from edgepose.native import twin_presence

MODEL = model.load("movenet-lightning")
TABLE = logistic_table()
KERNELS = pytest.mark.parametrize("kernel", [native.presence, twin_presence.presence], ids=["active", "twin"])


def contexts_of(rng, *shapes):
    return tuple(rng.integers(-128, 128, shape).astype(np.int8) for shape in shapes)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.tuples(st.integers(1, 20), st.integers(1, 9), st.integers(1, 90)),
                                           min_size=1, max_size=4), st.integers(0, 24))
def test_kernel_and_twin_give_the_same_bits(seed, shapes, bits):
    rng = np.random.default_rng(seed)
    contexts = contexts_of(rng, *shapes)
    weights = rng.integers(-(1 << bits), (1 << bits) + 1, sum(shape[2] for shape in shapes)).astype(np.int32)
    bias = int(rng.integers(-(1 << 40), 1 << 40))
    answers = [kernel(contexts, weights, bias, TABLE) for kernel in (native.presence, twin_presence.presence)]
    assert answers[0] == answers[1]


@KERNELS
def test_presence_is_the_logistic_of_the_weighted_sums(kernel, rng):
    contexts = contexts_of(rng, (12, 12, 64), (6, 6, 160))
    weights = rng.integers(-2000, 2000, 224).astype(np.int32)
    sums = np.concatenate([context.sum(axis=(0, 1), dtype=np.float64) for context in contexts])
    for wanted in (-6.0, -1.0, 0.0, 0.4, 5.0):
        bias = round(wanted * 2**20 - float(sums @ weights))
        assert abs(kernel(contexts, weights, bias, TABLE) / 65535 - 1 / (1 + np.exp(-wanted))) < 1e-3


@KERNELS
@pytest.mark.parametrize("bias, answer", [(-(1 << 62), TABLE[0]), (1 << 62, TABLE[-1]), (0, 32768)])
def test_presence_saturates(kernel, bias, answer):
    contexts = (np.zeros((6, 6, 4), np.int8),)
    assert abs(kernel(contexts, np.zeros(4, np.int32), bias, TABLE) - int(answer)) <= 1


@KERNELS
@pytest.mark.parametrize("value", [-128, 127])
def test_extreme_contexts_do_not_overflow(kernel, value):
    contexts = (np.full((40, 40, 8), value, np.int8),)
    weights = np.full(8, 2**31 - 1, np.int32)
    assert kernel(contexts, weights, -8 * 1600 * value * (2**31 - 1), TABLE) == 32768


@pytest.mark.skipif(native.KIND == "twins", reason="no compiled kernels")
@pytest.mark.parametrize("contexts, n_weights", [
    ((np.zeros((2, 2, 5), np.int8),), 4), ((np.zeros((2, 2, 2000), np.int8),), 2000), ((3,), 4),
    ((np.zeros((2, 2, 5), np.int16),), 5), ((np.zeros(4, np.int8),) * 5, 20)])
def test_compiled_kernel_refuses_what_does_not_fit(contexts, n_weights):
    with pytest.raises(ValueError, match="do not fit together"):
        native.presence(contexts, np.zeros(n_weights, np.int32), 0, TABLE)


@pytest.mark.parametrize("change, words", [
    ({"contexts": ["nowhere"]}, "contexts names 'nowhere'"), ({"contexts": []}, "contexts is missing"),
    ({"weights_q20": [1, 2, 3]}, "has 3 weights for 320 channels"), ({"weights_q20": ["a"]}, "no list of int"),
    ({"bias_q20": 0.5}, "bias_q20 is 0.5")])
def test_manifest_that_does_not_fit_is_named(change, words):
    broken = dataclasses.replace(MODEL, decode={**MODEL.decode, "presence": {**MODEL.decode["presence"], **change}})
    with pytest.raises(ModelError, match=words) as caught:
        Presence(broken)
    assert "manifest.toml: decode.presence" in str(caught.value)
