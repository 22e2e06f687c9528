"""PCK, PCKh, PDJ and PCP against cases computed by hand."""

import numpy as np
import pytest

from edgepose.evaluate import rates
from edgepose.evaluate.annotations import gather
from tests.evaluate_truth import STANDING, person

PCK, PCKH, PDJ = rates.METRICS
NOSE, LEFT_HIP, LEFT_WRIST = 0, 11, 9


def moved(keypoint, dx, dy=0):
    """The standing person with one keypoint moved, as the answer of one person."""
    xy = STANDING.copy()
    xy[keypoint] += dx, dy
    return xy[None]


@pytest.mark.parametrize("metric, reach", [(PCK, 12.0), (PCKH, 15.0), (PDJ, 0.2 * np.hypot(40, 60))])
def test_keypoint_within_the_reach_is_right_and_beyond_is_not(metric, reach):
    people = gather([person(1, 1)])
    near, counted = rates.keypoint_rate(metric, people, moved(LEFT_WRIST, 0, reach - 1e-6))
    far, _ = rates.keypoint_rate(metric, people, moved(LEFT_WRIST, 0, reach + 1e-6))
    assert counted.tolist() == [1] * 17 and near.tolist() == [1] * 17
    assert far[LEFT_WRIST] == 0 and far.sum() == 16


@pytest.mark.parametrize("metric, missing", [(PCK, LEFT_HIP), (PCKH, NOSE), (PDJ, 12)])
def test_person_without_the_reference_length_is_not_counted(metric, missing):
    people = gather([person(1, 1, unlabelled=[missing]), person(2, 1)])
    right, counted = rates.keypoint_rate(metric, people, np.stack([STANDING, STANDING]))
    assert counted.tolist() == right.tolist() == [1] * 17


def test_unlabelled_keypoint_is_not_counted():
    right, counted = rates.keypoint_rate(PCK, gather([person(1, 1, unlabelled=[LEFT_WRIST])]), moved(LEFT_WRIST, 500))
    assert counted[LEFT_WRIST] == right[LEFT_WRIST] == 0 and right.sum() == counted.sum() == 16


def test_person_without_an_answer_counts_as_wrong():
    people, nobody = gather([person(1, 1)]), np.full((1, 17, 2), np.nan)
    right, counted = rates.keypoint_rate(PCK, people, nobody)
    assert right.sum() == 0 and counted.sum() == 17
    right, counted = rates.limb_rate(people, nobody)
    assert right.sum() == 0 and counted.sum() == 9


def test_torso_of_no_length_is_not_counted():
    flat = person(1, 1)
    flat["keypoints"] = np.c_[np.ones((17, 2)), np.full(17, 2)].ravel().tolist()
    for metric in rates.METRICS:
        assert rates.keypoint_rate(metric, gather([flat]), np.ones((1, 17, 2)))[1].sum() == 0
    assert rates.limb_rate(gather([flat]), np.ones((1, 17, 2)))[1].sum() == 0


def test_limb_is_right_while_both_ends_are_within_half_its_length():
    names, people = list(rates.LIMBS), gather([person(1, 1)])
    forearm = np.hypot(5, 25)
    near, counted = rates.limb_rate(people, moved(LEFT_WRIST, forearm / 2 - 1e-6))
    far, _ = rates.limb_rate(people, moved(LEFT_WRIST, forearm / 2 + 1e-6))
    assert counted.tolist() == near.tolist() == [1] * 9
    assert [names[i] for i in np.flatnonzero(far == 0)] == ["left_forearm"]


def test_torso_limb_is_that_of_the_middles():
    right, _ = rates.limb_rate(gather([person(1, 1)]), moved(LEFT_HIP, 0, 61))  # moves the middle of the hips by 30.5
    assert right[0] == 0
    assert rates.limb_rate(gather([person(1, 1)]), moved(LEFT_HIP, 0, 59))[0][0] == 1


def test_nobody_gives_zeros():
    none = gather([])
    assert rates.keypoint_rate(PCK, none, np.zeros((0, 17, 2)))[1].tolist() == [0] * 17
    assert rates.limb_rate(none, np.zeros((0, 17, 2)))[1].tolist() == [0] * 9
