"""What never changes stands side by side: every layer finds its own parts again."""

from types import SimpleNamespace

import numpy as np

from edgepose.backends.opencl import constants
from edgepose.backends.opencl.arena import ALIGNMENT
from edgepose.backends.opencl.lower import NUMBERS


def work(rng, n_taps=9, n=20, table=None):
    return SimpleNamespace(
        numbers=rng.integers(-99, 99, len(NUMBERS) + 3 * n_taps).astype(np.int32),
        weights=rng.integers(-127, 127, (n, n_taps)).astype(np.int8), bias=rng.integers(-99, 99, n).astype(np.int32),
        scales=rng.random(n).astype(np.float32), table=rng.integers(-128, 127, 256).astype(np.int8))


def number(packed, first, name):
    return packed.numbers[first + NUMBERS.index(name)]


def test_every_layer_finds_its_parts(rng):
    works = [work(rng), work(rng, 1, 7), work(rng, 25, 64)]
    packed = constants.pack(works)
    for one, first in zip(works, packed.firsts):
        for name, array in (("WEIGHTS_AT", one.weights), ("BIAS_AT", one.bias), ("SCALES_AT", one.scales)):
            at = number(packed, first, name)
            assert at % ALIGNMENT == 0 and packed.arrays[at:at + array.nbytes].tobytes() == array.tobytes()
        at = number(packed, first, "TABLE_AT")
        assert packed.numbers[at:at + 64].tobytes() == one.table.tobytes()
        taps = packed.numbers[first + len(NUMBERS):first + len(one.numbers)]
        assert taps.tolist() == one.numbers[len(NUMBERS):].tolist()


def test_equal_arrays_are_stored_once_and_numbers_for_each_layer(rng):
    one = work(rng)
    alone, thrice = constants.pack([one]), constants.pack([one, one, one])
    assert len(alone.arrays) == len(thrice.arrays)
    assert len(thrice.numbers) - len(alone.numbers) == 2 * len(one.numbers)


def test_layers_with_equal_numbers_keep_their_own_weights(rng):
    one, other = work(rng), work(rng)
    other.numbers = one.numbers.copy()
    packed = constants.pack([one, other])
    assert number(packed, packed.firsts[0], "WEIGHTS_AT") != number(packed, packed.firsts[1], "WEIGHTS_AT")


def test_vectors_may_read_beyond_the_last(rng):
    last = work(rng, 1, 1)
    packed = constants.pack([last])
    assert len(packed.arrays) >= number(packed, 0, "SCALES_AT") + last.scales.nbytes + 64
