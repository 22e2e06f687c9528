"""The MoveNet decoder: compiled kernel, NumPy twin and float oracle on heads made to be awkward."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose import model, native
from edgepose.decoders.movenet import HEADS, MovenetDecoder, score_table
from edgepose.native import twin_movenet
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from tests import movenet_oracle

MODEL = model.load("movenet-lightning")
OUTPUTS = [MODEL.outputs[name] for name in HEADS]
KERNELS = pytest.mark.parametrize("kernel", [native.movenet, twin_movenet.movenet], ids=["active", "twin"])


def random_heads(rng, low=-128, high=127):
    return [rng.integers(low, high + 1, output.shape).astype(np.int8) for output in OUTPUTS]


def contexts():
    """The outputs behind the heads, all zero."""
    return [np.zeros(output.shape, np.int8) for output in MODEL.outputs.values()][len(HEADS):]


def decode(kernel, heads, fit=(0, 0, 65536), size=(192, 192)):
    """(keypoints, scores, box, mean score) of a kernel."""
    decoder = MovenetDecoder(MODEL)
    keypoints, scores, box = np.zeros((17, 2), np.int32), np.zeros(17, np.uint16), np.zeros(4, np.int32)
    mean = kernel(tuple(heads), decoder._tables, decoder._setup, fit, size, keypoints, scores, box)
    return keypoints, scores, box, mean


def near(decoded, heads):
    """Whether a decode equals the oracle's within the promised bounds, inside the frame."""
    expected = movenet_oracle.decode(*movenet_oracle.real(OUTPUTS, heads))
    keypoints, scores, *_ = decoded
    return (np.abs(keypoints / 16 - np.clip(expected[:, :2], 0, 192)).max() <= 1 / 16
            and np.abs(scores / 65535 - expected[:, 2]).max() <= 1 / 255)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(-128, 100), st.integers(0, 127))
def test_kernel_and_twin_give_the_same_bits(seed, low, span):
    heads = random_heads(np.random.default_rng(seed), low, min(low + span, 127))
    fit = (-(seed % 10**7), seed % 10**6, 1 + seed % (20 << 16))
    ours, twin = (decode(k, heads, fit, (1920, 1080)) for k in (native.movenet, twin_movenet.movenet))
    assert all(np.array_equal(a, b) for a, b in zip(ours, twin))


@KERNELS
@pytest.mark.parametrize("span", [(-128, 127), (-100, 20), (0, 3), (-128, -126)])
def test_decode_of_noise_is_the_float_oracles(kernel, rng, span):
    heads = random_heads(rng, *span)
    assert near(decode(kernel, heads), heads)


@KERNELS
@pytest.mark.parametrize("value", [-128, 0, 127])
def test_decode_of_flat_heads_takes_the_cell_nearest_to_the_middle(kernel, value):
    heads = [np.full(output.shape, value, np.int8) for output in OUTPUTS]
    assert near(decode(kernel, heads), heads)


@KERNELS
@pytest.mark.parametrize("cell", [(0, 0), (0, 47), (47, 0), (47, 47), (24, 24), (13, 30)])
def test_single_peak_is_found_wherever_it_is(kernel, cell):
    heads = [np.full(output.shape, -128, np.int8) for output in OUTPUTS]
    heads[2][:] = OUTPUTS[2].zero_point  # joints expected at the centre
    heads[3][:] = OUTPUTS[3].zero_point
    heads[1][cell] = 127
    keypoints, scores, *_ = decode(kernel, heads)
    assert (keypoints == [cell[1] * 64, cell[0] * 64]).all() and (scores > 30000).all()


@KERNELS
def test_draw_is_won_by_the_first_cell(kernel):
    heads = [np.full(output.shape, -128, np.int8) for output in OUTPUTS]
    heads[0][24, 24] = 127
    heads[2][:], heads[3][:] = OUTPUTS[2].zero_point, OUTPUTS[3].zero_point
    for cell in ((24, 20), (20, 24), (28, 24), (24, 28)):  # all four cells from the centre
        heads[1][cell] = 127
    assert (decode(kernel, heads)[0] == [24 * 64, 20 * 64]).all()


@KERNELS
def test_fit_maps_to_source_px_and_stays_in_the_picture(kernel, rng):
    heads = random_heads(rng)
    expected = movenet_oracle.decode(*movenet_oracle.real(OUTPUTS, heads))[:, :2]
    keypoints, *_ = decode(kernel, heads, (-70 << 16, 12345, 5 << 16), (640, 480))
    mapped = np.clip(expected * 5 + [-70, 12345 / 65536], 0, [640, 480])
    assert np.abs(keypoints / 16 - mapped).max() <= 5 / 16
    assert keypoints.min() >= 0 and (keypoints.max(axis=0) <= [640 * 16, 480 * 16]).all()


def test_score_table_is_the_logistic():
    output = OUTPUTS[1]
    logits = (np.arange(-128, 128) - output.zero_point) * output.scale
    assert np.abs(score_table(output) / 2**31 - movenet_oracle.sigmoid(logits)).max() < 1e-9


def test_somebody_is_reported_from_the_threshold_on(rng):
    decoder, slot, poses = MovenetDecoder(MODEL), Slot(192, 192), PoseBatch(1, MODEL.skeleton)
    slot.width = slot.height = 192
    outputs = [rng.integers(-128, 128, output.shape).astype(np.int8) for output in MODEL.outputs.values()]
    decoder.decode(outputs, slot, poses)
    for least, n in ((poses.scores_q16[0], 1), (int(poses.scores_q16[0]) + 1, 0)):
        decoder.min_score_q16 = least
        decoder.decode(outputs, slot, poses)
        assert poses.n == n


def test_without_presence_the_mean_keypoint_score_decides(rng):
    plain = dataclasses.replace(MODEL, decode={k: v for k, v in MODEL.decode.items() if k != "presence"})
    decoder, slot, poses = MovenetDecoder(plain), Slot(192, 192), PoseBatch(1, MODEL.skeleton)
    slot.width = slot.height = 192
    decoder.decode(random_heads(rng), slot, poses)
    assert poses.scores_q16[0] == int(poses.keypoint_scores_q16[0].sum()) // 17


def test_box_surrounds_the_visible_keypoints(rng):
    decoder, slot, poses = MovenetDecoder(MODEL), Slot(192, 192), PoseBatch(1, MODEL.skeleton)
    slot.width = slot.height = 192
    decoder.decode([*random_heads(rng), *contexts()], slot, poses)
    x, y, width, height = poses.boxes_q4[0]
    seen = poses.keypoints_q4[0][poses.keypoint_scores_q16[0] >= 0.2 * 65535]
    assert (x, y) == tuple(seen.min(axis=0)) and (x + width, y + height) == tuple(seen.max(axis=0))


def test_head_that_reaches_too_far_is_refused():
    far = dataclasses.replace(MODEL.outputs["regress"], scale=0.9)
    broken = dataclasses.replace(MODEL, outputs={**MODEL.outputs, "regress": far})
    with pytest.raises(ValueError, match="regress.scale reaches 2.. cells; at most 180"):
        MovenetDecoder(broken)


@pytest.mark.skipif(native.KIND == "twins", reason="no compiled kernels")
def test_compiled_kernel_refuses_heads_that_are_too_small(rng):
    heads = random_heads(rng)
    heads[1] = heads[1][:-1]
    with pytest.raises(ValueError, match="too small for the grid"):
        decode(native.movenet, [np.ascontiguousarray(head) for head in heads])


# ---- everybody: a person for every peak of the centre

PEOPLE_KERNELS = pytest.mark.parametrize("kernel", [native.movenet_people, twin_movenet.movenet_people],
                                         ids=["active", "twin"])


def decode_people(kernel, heads, least_q16=13107, capacity=4, fit=(0, 0, 65536), size=(192, 192)):
    """The PoseBatch that a kernel fills."""
    decoder, poses = MovenetDecoder(MODEL), PoseBatch(capacity, MODEL.skeleton)
    poses.n = kernel(tuple(heads), decoder._tables, decoder._setup, least_q16, fit, size, poses.keypoints_q4,
                     poses.keypoint_scores_q16, poses.scores_q16, poses.boxes_q4)
    return poses


def heads_with_centers(**centers):
    """Heads of people who are all in one cell; centers are stored values of cells, `y10_x20=100`."""
    heads = [np.full(output.shape, -128, np.int8) for output in OUTPUTS]
    heads[2][:], heads[3][:] = OUTPUTS[2].zero_point, OUTPUTS[3].zero_point
    for cell, stored in centers.items():
        y, x = (int(part[1:]) for part in cell.split("_"))
        heads[0][y, x], heads[1][y, x] = stored, 127
    return heads


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(-128, 100), st.integers(0, 127), st.integers(1, 6))
def test_people_kernel_and_twin_give_the_same_bits(seed, low, span, capacity):
    heads = random_heads(np.random.default_rng(seed), low, min(low + span, 127))
    fit = (-(seed % 10**7), seed % 10**6, 1 + seed % (20 << 16))
    ours, twin = (decode_people(k, heads, seed % 65536, capacity, fit, (1920, 1080))
                  for k in (native.movenet_people, twin_movenet.movenet_people))
    assert ours.n == twin.n
    for name in ("keypoints_q4", "keypoint_scores_q16", "scores_q16", "boxes_q4"):
        assert np.array_equal(getattr(ours, name), getattr(twin, name))


@PEOPLE_KERNELS
def test_people_are_the_peaks_of_the_centre_the_best_first(kernel):
    found = decode_people(kernel, heads_with_centers(y10_x10=100, y10_x30=120, y40_x20=60, y41_x20=59))
    assert found.n == 3 and (np.diff(found.scores_q16[:3].astype(int)) < 0).all()
    assert found.keypoints_q4[:3, 0].tolist() == [[30 * 64, 10 * 64], [10 * 64, 10 * 64], [20 * 64, 40 * 64]]


@PEOPLE_KERNELS
def test_people_on_a_plateau_are_one_and_equals_come_in_reading_order(kernel):
    found = decode_people(kernel, heads_with_centers(y5_x5=90, y5_x6=90, y6_x5=90, y30_x40=90))
    assert found.keypoints_q4[:found.n, 0].tolist() == [[5 * 64, 5 * 64], [40 * 64, 30 * 64]]


@PEOPLE_KERNELS
def test_people_beyond_the_capacity_are_the_worst(kernel):
    heads = heads_with_centers(**{f"y{8 * i}_x{8 * j}": 80 + i * 6 + j for i in range(6) for j in range(6)})
    found = decode_people(kernel, heads)
    assert found.n == 4 and found.keypoints_q4[0, 0].tolist() == [40 * 64, 40 * 64]


@PEOPLE_KERNELS
def test_people_when_the_best_is_in_the_middle_then_it_is_the_single_decode(kernel, rng):
    heads = random_heads(rng, -100, 20)
    heads[0][24, 24] = 127
    keypoints, scores, box, _ = decode(native.movenet, heads)
    found = decode_people(kernel, heads)
    assert np.array_equal(found.keypoints_q4[0], keypoints) and np.array_equal(found.boxes_q4[0], box)
    assert np.array_equal(found.keypoint_scores_q16[0], scores)


def test_people_kernel_refuses_outputs_that_are_too_small():
    if native.KIND == "twins":
        pytest.skip("the twins check nothing")
    heads, setup = heads_with_centers(), MovenetDecoder(MODEL)
    small = PoseBatch(2, MODEL.skeleton)
    with pytest.raises(ValueError, match="movenet_people"):
        native.movenet_people(tuple(heads), setup._tables, setup._setup, 0, (0, 0, 65536), (192, 192),
                              small.keypoints_q4, small.keypoint_scores_q16, np.zeros(3, np.uint16), small.boxes_q4)
