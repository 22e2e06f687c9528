"""Affinities against their float twin, and who is given to whom."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose import native
from edgepose.native import twin_affinity
from edgepose.pose import PoseBatch
from edgepose.skeleton import BODY25, COCO17, MPI15, OPENPOSE18
from edgepose.track.match import ONE, Affinity, exponential_table, sigma_of
from edgepose.track.people import People

SIGMAS = np.array([.026, .025, .025, .035, .035, .079, .079, .072, .072, .062, .062, .107, .107, .087, .087, .089,
                   .089])


def crowd(rng, n, spread_px=10):
    """People of n poses around one standing one, some keypoints missing."""
    poses = PoseBatch(8, COCO17)
    standing = np.linspace((100, 100), (160, 260), 17)
    xy = standing + rng.normal(0, spread_px, (n, 1, 2)) + rng.normal(0, 3, (n, 17, 2))
    poses.n, poses.keypoints_q4[:n] = n, np.round(xy * 16)
    poses.keypoint_scores_q16[:n] = np.where(rng.uniform(size=(n, 17)) < 0.2, 0, 50000)
    poses.boxes_q4[:n, :2] = poses.keypoints_q4[:n].min(axis=1)
    poses.boxes_q4[:n, 2:] = np.ptp(poses.keypoints_q4[:n], axis=1)
    people = People(8, 17, 6554)
    people.read(poses)
    return people


def row(people, i):
    return people.keypoints[i], people.known[i], people.corners[i], int(people.areas[i])


def float_affinity(people, i, j):
    """The mean of COCO's OKS and the intersection over union, in floats."""
    common = (people.known[i] * people.known[j]).astype(bool)
    d2 = ((people.keypoints[i] - people.keypoints[j]) ** 2).sum(axis=1)
    oks = np.exp(-d2 / (2.0 * people.areas[i] * (2 * SIGMAS) ** 2))[common].mean()
    low, high = np.maximum(people.corners[i, :2], people.corners[j, :2]), np.minimum(
        people.corners[i, 2:], people.corners[j, 2:])
    both = np.maximum(high - low, 0).prod()
    return (oks + both / (people.areas[i] + people.areas[j] - both)) / 2


@pytest.mark.parametrize("spread_px", [1, 10, 60])
def test_affinity_when_anybody_is_compared_then_within_a_64th_of_floats(rng, spread_px):
    affinity = Affinity(4, 8, COCO17)
    for _ in range(50):
        people = crowd(rng, 8, spread_px)
        affinity.compare(2, people, row(people, 0))
        twin = [float_affinity(people, 0, j) for j in range(8)]
        assert np.abs(affinity.q16[2] / ONE - twin).max() < 1 / 64


def test_affinity_when_somebody_is_compared_with_themself_then_one(rng):
    affinity, people = Affinity(1, 8, COCO17), crowd(rng, 3)
    affinity.compare(0, people, row(people, 1))
    assert affinity.q16[0, 1] == ONE and affinity.q16[0].tolist()[3:] == [-1] * 5


def test_affinity_when_few_keypoints_are_common_then_the_boxes_tell(rng):
    affinity, people = Affinity(1, 8, COCO17), crowd(rng, 1)
    people.known[0, 2:] = 0
    keypoints = people.keypoints[0] + 100000
    affinity.compare(0, people, (keypoints, people.known[0], people.corners[0], int(people.areas[0])))
    assert affinity.q16[0, 0] == ONE


def test_affinity_when_bodies_are_dots_then_nothing_breaks():
    affinity, people, poses = Affinity(1, 8, COCO17), People(8, 17, 1), PoseBatch(8, COCO17)
    poses.n = 2
    people.read(poses)
    affinity.compare(0, people, row(people, 0))
    assert affinity.q16[0, :2].tolist() == [0, 0]


def assigned(matrix, least=1, first=None):
    affinity, out = Affinity(*np.shape(matrix), COCO17), [-1] * len(matrix)
    affinity.q16[:] = matrix
    affinity.assign(least, np.array(first or [0] * len(matrix)).reshape(-1, 1), out)
    return out


@pytest.mark.parametrize("matrix, expected", [
    ([[9, 8], [8, 1]], [0, 1]), ([[5, 5], [5, 5]], [0, 1]), ([[0, 0], [0, 3]], [-1, 1]),
    ([[-1, -1], [-1, -1]], [-1, -1]), ([[1, 9, 3], [2, 8, 7]], [1, 2])])
def test_assign_when_pairs_compete_then_the_best_first_and_the_first_of_equals(matrix, expected):
    assert assigned(matrix) == expected


def test_assign_when_a_track_chooses_first_then_before_better_pairs():
    assert assigned([[9, 0], [5, 0]]) == [0, -1]
    assert assigned([[9, 0], [5, 0]], first=[0, 100]) == [-1, 0]


def test_assign_when_below_the_least_then_choosing_first_does_not_help():
    assert assigned([[4]], least=5, first=[100]) == [-1]


@pytest.mark.parametrize("skeleton", [COCO17, OPENPOSE18, MPI15, BODY25])
def test_sigma_when_any_skeletons_keypoint_then_known(skeleton):
    assert all(0 < sigma_of(name) < 1 for name in skeleton.keypoints)


def test_table_when_looked_up_then_the_exponential():
    assert np.abs(exponential_table()[:256] / ONE - np.exp(-np.arange(256) / 32)).max() <= 0.5 / ONE


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 8), st.sampled_from([1, 10, 60, 20000]))
def test_kernel_when_anybody_is_compared_then_the_twins_bits(seed, n, spread_px):
    rng = np.random.default_rng(seed)
    people, other = crowd(rng, n, spread_px), crowd(rng, 1, spread_px)
    affinity, found = Affinity(1, 8, COCO17), np.full((2, 8), -1, np.int64)
    for kernel, out in zip((native.affinity, twin_affinity.affinity), found):
        kernel(people.keypoints, people.known, people.corners, people.areas, n, *row(other, 0), affinity._factors,
               affinity._table, out)
    assert np.array_equal(*found) and (found[:, n:] == -1).all()


def test_kernel_when_an_array_is_too_small_then_refused(rng):
    if native.KIND == "twins":
        pytest.skip("the twins check nothing")
    affinity, people = Affinity(1, 8, COCO17), crowd(rng, 3)
    with pytest.raises(ValueError, match="affinity"):
        native.affinity(people.keypoints, people.known, people.corners, people.areas, 9, *row(people, 0),
                        affinity._factors, affinity._table, np.zeros(9, np.int64))
