"""The exact float decode against the step-by-step oracle, and against the integer decoder."""

import numpy as np
import pytest

from edgepose import decoders
from edgepose.decoders.movenet import HEADS
from edgepose.errors import ConfigError
from edgepose.evaluate import float_movenet, predict
from edgepose.pose import PoseBatch
from tests import movenet_oracle


@pytest.fixture
def heads(lightning, rng):
    """Random heads in the manifest's order."""
    return tuple(rng.integers(-128, 128, output.shape).astype(np.int8) for output in lightning.outputs.values())


def real_heads(lightning, heads):
    return [float_movenet.real(heads[list(lightning.outputs).index(name)], lightning.outputs[name]) for name in HEADS]


def test_float_decode_is_the_oracle(lightning, heads):
    real = real_heads(lightning, heads)
    assert np.allclose(float_movenet.decode(*real, 4), movenet_oracle.decode(*real), rtol=0, atol=1e-9)


def test_float_and_integer_decode_agree_within_a_sixteenth_of_an_input_px(lightning, slot, heads):
    slot.width, slot.height = 192, 192
    poses = PoseBatch(1, lightning.skeleton)
    decoders.create(lightning).decode(heads, slot, poses)
    exact = predict.make_decode(lightning, "float")(heads, slot)
    assert exact.shape == (1, 17, 3) and exact[..., :2].min() >= 0 and exact[..., :2].max() <= 192
    assert np.abs(exact[0, :, :2] - poses.keypoints_q4[0] / 16).max() <= 1 / 16
    assert np.abs(exact[0, :, :2] - poses.keypoints_q4[0] / 16).max() > 0  # it does not round


def test_integer_decode_leaves_nobody_out(lightning, slot, heads):
    low = tuple(np.full_like(head, -128) for head in heads)
    assert predict.make_decode(lightning, "int")(low, slot).shape == (1, 17, 3)


def test_float_decode_of_a_decoder_without_one_is_refused(lightning):
    from dataclasses import replace

    with pytest.raises(ConfigError, match="--decoder float.*hourglass.*movenet, openpose has"):
        predict.make_decode(replace(lightning, decoder="hourglass"), "float")
