"""The OpenPose decoder: compiled kernel, NumPy twin and float oracle on maps made to be awkward."""

import dataclasses
from math import hypot

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose import native
from edgepose.decoders.openpose import OpenposeDecoder, tables
from edgepose.errors import ModelError
from edgepose.native import twin_openpose
from edgepose.native.twin_peaks import find_peaks
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.skeleton import OPENPOSE18
from tests import openpose_oracle
from tests.openpose_maps import COLUMNS, HEATMAP, ROWS, model, paint, quantise, standing

MODEL = model()
KERNELS = pytest.mark.parametrize("kernel", [native.openpose, twin_openpose.openpose], ids=["active", "twin"])
NOSE, NECK = 0, 1
ARMS, LEGS, FACE = (2, 3, 4, 5, 6, 7), (8, 9, 10, 11, 12, 13), (0, 14, 15, 16, 17)


def decode(kernel, maps, least_score=0, fit=(0, 0, 65536), size=(456, 256), made=MODEL, capacity=32):
    """The PoseBatch of a kernel."""
    decoder, poses = OpenposeDecoder(made), PoseBatch(capacity, OPENPOSE18)
    poses.n = kernel(maps, decoder._tables, decoder._setup, least_score, fit, size, decoder._scratch,
                     poses.keypoints_q4, poses.keypoint_scores_q16, poses.scores_q16, poses.boxes_q4)
    return poses


def same(a, b):
    """Whether two batches are equal to the bit."""
    return a.n == b.n and all(np.array_equal(getattr(a, name)[:a.n], getattr(b, name)[:b.n]) for name in (
        "keypoints_q4", "keypoint_scores_q16", "scores_q16", "boxes_q4"))


def keypoints(poses):
    """[{keypoint: (x, y) px}] of what was found."""
    return [{k: tuple(xy / 16) for k, (xy, score) in enumerate(zip(*person)) if score}
            for person in zip(poses.keypoints_q4[:poses.n], poses.keypoint_scores_q16[:poses.n])]


def off_px(found, expected):
    """The largest distance between keypoints that both have."""
    return max(hypot(*np.subtract(found[k], expected[k])) for k in found.keys() & expected.keys())


def noise(rng, low=-128, high=127, rows=ROWS, columns=COLUMNS):
    return (rng.integers(low, high + 1, (rows, columns, 19)).astype(np.int8),
            rng.integers(-128, 128, (rows, columns, 38)).astype(np.int8))


def heatmap_only(cells, keypoint=NOSE, value=100):
    """Maps of one keypoint with some cells set, (y, x)."""
    heatmap = np.full((ROWS, COLUMNS, 19), HEATMAP[1], np.int8)
    for cell in cells:
        heatmap[(*cell, keypoint)] = value
    return heatmap


def peaks(heatmap, keypoint=NOSE):
    """[(x, y) cells] of one keypoint's peaks, by the twin: whole decodes above show that the kernel finds the same."""
    table = tables(MODEL.outputs["heatmap"])
    return [tuple(peak[:2] / 256) for peak in find_peaks(heatmap[..., keypoint], table[:256], table[256:], -80)]


# ---- kernel and twin

@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(-128, 120), st.integers(0, 60), st.booleans())
def test_kernel_and_twin_give_the_same_bits_on_noise(seed, low, span, steady):
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(2, 14, 2).tolist()
    heatmap, paf = noise(rng, low, min(low + span, 127), rows, columns)
    if steady:
        paf[:] = paf[0, 0]
    fit, made = (-(seed % 10**7), seed % 10**6, 1 + seed % (20 << 16)), model(rows, columns)
    a, b = (decode(k, (heatmap, paf), 0, fit, (1920, 1080), made) for k in (native.openpose, twin_openpose.openpose))
    assert same(a, b)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 8), st.integers(0, 40))
def test_kernel_and_twin_give_the_same_bits_on_crowds(seed, n_people, level):
    rng = np.random.default_rng(seed)
    people = [standing(rng.uniform((-40, -60), (420, 200)), rng.uniform(0.2, 1.2), rng.integers(0, 18, 4))
              for _ in range(n_people)]
    maps = [np.clip(m + rng.integers(-level, level + 1, m.shape), -128, 127).astype(np.int8) for m in paint(people)]
    a, b = (decode(kernel, maps) for kernel in (native.openpose, twin_openpose.openpose))
    assert same(a, b)


@pytest.mark.parametrize("heatmap", [-128, HEATMAP[1], 0, 127])
@pytest.mark.parametrize("paf", [-128, 0, 127])
def test_kernel_and_twin_give_the_same_bits_on_equal_maps(heatmap, paf):
    maps = np.full((ROWS, COLUMNS, 19), heatmap, np.int8), np.full((ROWS, COLUMNS, 38), paf, np.int8)
    a, b = (decode(kernel, maps) for kernel in (native.openpose, twin_openpose.openpose))
    assert same(a, b) and a.n == 0  # one peak of a keypoint, all in the same place: no limb has a length


# ---- people

@KERNELS
def test_empty_maps_hold_nobody(kernel):
    assert decode(kernel, paint([])).n == 0


@KERNELS
@pytest.mark.parametrize("at, size", [((4, 3), 1.0), ((361, 60), 1.0), ((100.3, 31.7), 0.5), ((203.9, 20.1), 1.2)])
def test_person_is_found_within_a_px_of_the_input(kernel, at, size):
    person = standing(at, size)
    [found] = keypoints(decode(kernel, paint([person])))
    assert found.keys() == person.keys() and off_px(found, person) < 1


@KERNELS
def test_keypoint_on_a_cells_centre_is_there_exactly(kernel):
    person = {k: (round(x / 8) * 8 + 4, round(y / 8) * 8 + 4) for k, (x, y) in standing((100, 20)).items()}
    [found] = keypoints(decode(kernel, paint([person])))
    assert off_px(found, person) <= 1 / 16


@KERNELS
def test_fit_maps_to_source_px_and_stays_in_the_picture(kernel):
    person = standing((-20, -10))
    [plain] = keypoints(decode(kernel, paint([person])))
    [found] = keypoints(decode(kernel, paint([person]), fit=(-70 << 16, 12345, 5 << 16), size=(300, 480)))
    expected = {k: np.clip((5 * x - 70, 5 * y + 12345 / 65536), 0, (300, 480)) for k, (x, y) in plain.items()}
    assert off_px(found, expected) <= 5 / 16


@KERNELS
def test_two_people_who_cross_stay_two(kernel):
    people = [standing((150, 30)), standing((195, 40), 0.9)]
    found = keypoints(decode(kernel, paint(people)))
    assert [len(person) for person in found] == [18, 18]
    assert sorted(off_px(a, min(people, key=lambda b, a=a: off_px(a, b))) < 4 for a in found) == [True, True]


@KERNELS
def test_halves_that_a_limb_joins_become_one_person(kernel):
    """The limbs from neck to hips score least here: arms and legs have begun two people before them."""
    heatmap, paf = paint([standing((150, 30))])
    for field in (0, 6):
        paf[..., field:field + 2] = 3 + np.rint((paf[..., field:field + 2].astype(int) - 3) * 0.3)
    assert [len(person) for person in keypoints(decode(kernel, (heatmap, paf)))] == [18]


@KERNELS
def test_halves_that_the_oracle_leaves_apart_are_merged(kernel):
    """Ear to shoulder joins the face to a body whose neck was not found; the oracle begins two poses and more."""
    maps = paint([standing((150, 30), without=(NECK,))])
    found = keypoints(decode(kernel, maps))
    upper = next(person for person in found if NOSE in person)
    assert set(FACE) | set(ARMS) <= upper.keys()
    assert not any(np.isfinite(pose[[*FACE, *ARMS], 0]).all() for pose in openpose_oracle.decode(*real(maps))[0])


@KERNELS
def test_halves_with_the_same_keypoint_stay_two(kernel):
    people = [standing((60, 30)), standing((260, 30))]
    heatmap, paf = paint(people)
    assert decode(kernel, (heatmap, paf)).n == 2


@KERNELS
def test_keypoint_is_never_overwritten_by_a_worse_one(kernel):
    person = standing((150, 30))
    heatmap, paf = paint([person])
    stray, stray_paf = paint([{2: person[2], 3: (person[2][0] - 60, person[2][1] + 10)}], strength=0.4)
    heatmap[..., 3] = np.maximum(heatmap[..., 3], stray[..., 3])
    weaker = 3 + (stray_paf[..., 14:16].astype(int) - 3) // 2
    free = (paf[..., 14:16] == 3).all(axis=2)
    paf[free, 14:16] = weaker[free]
    [found] = keypoints(decode(kernel, (heatmap, paf)))
    assert off_px(found, person) < 4


@KERNELS
def test_person_of_two_keypoints_is_nobody_and_of_three_somebody(kernel):
    person = standing((150, 30))
    for n, expected in ((2, 0), (3, 1)):
        assert decode(kernel, paint([{k: person[k] for k in (2, 3, 4)[:n]}])).n == expected


@KERNELS
def test_score_is_the_mean_over_all_keypoints_and_ranks(kernel):
    poses = decode(kernel, paint([standing((20, 30), without=LEGS), standing((250, 30))]))
    assert np.array_equal(poses.scores_q16[:2], poses.keypoint_scores_q16[:2].sum(axis=1, dtype=int) // 18)
    assert poses.scores_q16[0] > poses.scores_q16[1] and len(keypoints(poses)[1]) == 12


@KERNELS
def test_missing_keypoint_is_at_zero_and_scores_zero(kernel):
    poses = decode(kernel, paint([standing((150, 30), without=LEGS)]))
    assert not poses.keypoints_q4[0, list(LEGS)].any() and not poses.keypoint_scores_q16[0, list(LEGS)].any()


@KERNELS
def test_box_surrounds_the_keypoints_that_are_there(kernel):
    poses = decode(kernel, paint([standing((150, 30), without=LEGS)]))
    seen = poses.keypoints_q4[0][poses.keypoint_scores_q16[0] > 0]
    assert poses.boxes_q4[0].tolist() == [*seen.min(axis=0), *np.ptp(seen, axis=0)]


@KERNELS
def test_saturated_maps_score_one_at_most(kernel):
    heatmap, paf = paint([standing((150, 30))])
    heatmap[heatmap > 60] = 127
    paf[paf > 40], paf[paf < -40] = 127, -128
    poses = decode(kernel, (heatmap, paf))
    assert poses.n == 1 and poses.keypoint_scores_q16[0].max() == 65535 and len(keypoints(poses)[0]) == 18


# ---- bounds

@KERNELS
def test_frame_full_of_noise_is_survived(kernel, rng):
    heatmap, paf = noise(rng, 20, 127)
    paf[:] = 100
    poses = decode(kernel, (heatmap, paf))
    assert poses.n == 32 and (poses.scores_q16[:32] > 0).all()
    assert poses.keypoints_q4.min() >= 0 and (poses.keypoints_q4.max(axis=(0, 1)) <= (456 * 16, 256 * 16)).all()


@KERNELS
def test_best_people_are_kept_where_the_batch_is_small(kernel):
    people = [standing((20 + 110 * i, 30), without=LEGS[:i]) for i in range(4)]
    whole, small = (decode(kernel, paint(people), capacity=capacity) for capacity in (32, 2))
    assert (whole.n, small.n) == (4, 2) and np.array_equal(whole.keypoints_q4[:2], small.keypoints_q4)


# ---- peaks

@pytest.mark.parametrize("cell", [(0, 0), (0, COLUMNS - 1), (ROWS - 1, 0), (ROWS - 1, COLUMNS - 1), (0, 30), (15, 0)])
def test_peak_on_the_border_stays_on_its_cell(cell):
    assert peaks(heatmap_only([cell])) == [(cell[1], cell[0])]


@pytest.mark.parametrize("cells, at", [
    ([(9, 9), (9, 10)], (9.5, 9)), ([(9, 9), (10, 9)], (9, 9.5)), ([(9, 9), (9, 10), (9, 11)], (10, 9)),
    ([(9, 9), (9, 10), (10, 9), (10, 10)], (9.5, 9.5)), ([(9, 9), (10, 10)], (9, 9)),
    ([(9, 9), (9, 13), (10, 9), (10, 13), (11, 10), (11, 11), (11, 12)], (11, 11))])
def test_plateau_is_one_peak_in_its_middle(cells, at):
    assert peaks(heatmap_only(cells)) == [at]


def test_shoulder_of_a_higher_cell_is_no_peak():
    heatmap = heatmap_only([(9, 9), (9, 10), (9, 11), (9, 12)], value=60)
    heatmap[10, 13, NOSE] = 61
    assert len(peaks(heatmap)) == 1


def test_best_of_near_peaks_wins_wherever_it_is():
    for best in range(3):
        heatmap = heatmap_only([(9, 9), (9, 10), (10, 9)], value=60)
        heatmap[(*[(9, 9), (9, 10), (10, 9)][best], NOSE)] = 100
        [(x, y)] = peaks(heatmap)
        assert (round(x), round(y)) == [(9, 9), (10, 9), (9, 10)][best]


@pytest.mark.parametrize("offset", [-0.45, -0.2, 0, 0.1, 0.4])
def test_gaussian_is_refined_within_a_twentieth_of_a_cell(offset):
    at = (20 + offset, 10 - offset)
    heatmap, _ = paint([{NOSE: ((at[0] + 0.5) * 8, (at[1] + 0.5) * 8)}])
    [found] = peaks(heatmap)
    assert np.abs(np.subtract(found, at)).max() < 0.05


def test_threshold_is_the_first_stored_value_at_a_tenth():
    stored = int(np.ceil(0.1 / HEATMAP[0])) + HEATMAP[1]
    assert OpenposeDecoder(MODEL)._setup[3] == stored and HEATMAP[0] * (stored - HEATMAP[1]) >= 0.1


def test_tables_are_the_logarithm_and_the_clipped_score():
    values = (np.arange(-128, 128) - HEATMAP[1]) * HEATMAP[0]
    table = tables(MODEL.outputs["heatmap"])
    assert np.abs(table[:256] / 4096 - np.log(np.maximum(values, 0.02))).max() < 1e-3
    assert np.abs(table[256:] / 65535 - np.clip(values, 0, 1)).max() < 1e-4


# ---- the oracle

def real(maps):
    """(heatmap, paf) as floats."""
    return [openpose_oracle.real(m, MODEL.outputs[name]) for m, name in zip(maps, ("heatmap", "paf"))]


@KERNELS
def test_people_apart_are_the_oracles_within_two_px(kernel):
    people = [standing((20, 30)), standing((170, 40), 0.8), standing((300, 20), 1.1)]
    maps = paint(people)
    exact, _ = openpose_oracle.decode(*real(maps))
    found = keypoints(decode(kernel, maps))
    assert len(found) == len(exact) == 3
    for person in found:
        assert min(off_px(person, dict(enumerate(pose[:, :2]))) for pose in exact) < 2


def test_oracle_loses_a_keypoint_whose_peak_is_a_plateau_and_we_do_not():
    heatmap = heatmap_only([(9, 9), (9, 10), (10, 9), (10, 10)])
    smooth = openpose_oracle.real(np.kron(heatmap[..., NOSE], np.ones((4, 4))), MODEL.outputs["heatmap"])
    assert len(openpose_oracle.find_peaks(smooth, 0)) == 0 and len(peaks(heatmap)) == 1


# ---- what is checked once

def test_decoder_writes_a_batch_and_obeys_its_threshold():
    decoder, slot, poses = OpenposeDecoder(MODEL), Slot(256, 456), PoseBatch(32, OPENPOSE18)
    slot.width, slot.height = 456, 256
    heatmap, paf = paint([standing((150, 30))])
    decoder.decode((paf, heatmap), slot, poses)  # in the manifest's order
    assert poses.n == 1
    decoder.set_min_score(0.99)
    decoder.decode((paf, heatmap), slot, poses)
    assert poses.n == 0


@pytest.mark.parametrize("change, words", [
    ({"outputs": {}}, "outputs.heatmap is missing"), ({"decode": {"min_score": 0.2}}, "decode.stride is None"),
    ({"decode": {"stride": 8, "min_score": 2}}, "decode.min_score is 2"),
    ({"decode": {"stride": 8, "min_score": 0.2, "min_peak": True}}, "decode.min_peak is True"),
    ({"decode": {"stride": 4, "min_score": 0.2}}, "outputs.heatmap is int8"),
    ({"decode": {"stride": 1, "min_score": 0.2}}, "256x456 cells"),
    ({"outputs": MODEL.outputs | {"heatmap": dataclasses.replace(MODEL.outputs["heatmap"], zero_point=120)}},
     "decode.min_peak is 143")])
def test_manifest_that_does_not_fit_is_refused(change, words):
    with pytest.raises(ModelError, match=f"manifest.toml: .*{words}"):
        OpenposeDecoder(dataclasses.replace(MODEL, **change))


@pytest.mark.skipif(native.KIND == "twins", reason="no compiled kernels here")
@pytest.mark.parametrize("place, value", [(0, 1), (0, 129), (1, 1), (3, -128), (3, 128), (4, 500), (5, -1), (6, 0)])
def test_kernel_refuses_what_does_not_fit(place, value):
    decoder, poses = OpenposeDecoder(MODEL), PoseBatch(32, OPENPOSE18)
    setup = list(decoder._setup)
    setup[place] = value
    with pytest.raises(ValueError, match="openpose"):
        native.openpose(paint([]), decoder._tables, tuple(setup), 0, (0, 0, 65536), (456, 256), decoder._scratch,
                        poses.keypoints_q4, poses.keypoint_scores_q16, poses.scores_q16, poses.boxes_q4)


def test_quantised_maps_keep_their_values():
    assert np.abs((quantise(np.array([0.5]), *HEATMAP) - HEATMAP[1]) * HEATMAP[0] - 0.5).max() < 0.003
