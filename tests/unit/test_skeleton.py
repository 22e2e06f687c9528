"""Skeletons, and poses of one written as those of another."""

import numpy as np
import pytest

from edgepose import decoders, skeleton
from edgepose.decoders.mapped import MappedDecoder
from edgepose.errors import ConfigError
from edgepose.pose import PoseBatch
from edgepose.skeleton import BODY25, COCO17, MPI15, OPENPOSE18
from tests.openpose_maps import model

ALL = [skeleton.find(name) for name in skeleton.names()]


class Answers:
    """A decoder that writes what it is given."""

    capacity = 3

    def __init__(self, source, points, scores):
        self.skeleton, self._points, self._scores = source, points, scores

    def decode(self, outputs, slot, poses):
        poses.n = 2
        poses.keypoints_q4[:2], poses.keypoint_scores_q16[:2] = self._points, self._scores
        poses.scores_q16[:], poses.boxes_q4[:] = (3, 2, 1), 7


def mapped(source, target, points=None, scores=40000):
    """The PoseBatch of two people whose keypoint k is at (100 k, 100 k + 3)."""
    k = np.arange(len(source.keypoints))
    decoder = MappedDecoder(Answers(source, np.stack([100 * k, 100 * k + 3], axis=1), scores), target)
    poses = PoseBatch(3, target)
    poses.keypoints_q4[:], poses.keypoint_scores_q16[:] = -1, 1  # what an earlier frame has left
    decoder.decode(None, None, poses)
    return poses


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_skeleton_names_every_keypoint_once_and_limbs_join_them(one):
    assert len(set(one.keypoints)) == len(one.keypoints)
    assert all(0 <= a < len(one.keypoints) and 0 <= b < len(one.keypoints) and a != b for a, b in one.limbs)


def test_sizes_are_the_published_ones():
    assert [len(one.keypoints) for one in (COCO17, OPENPOSE18, MPI15, BODY25)] == [17, 18, 15, 25]


@pytest.mark.parametrize("source", [COCO17, OPENPOSE18], ids=["coco17", "openpose18"])
@pytest.mark.parametrize("target", ALL, ids=lambda one: one.name)
def test_keypoint_of_the_same_name_is_the_same_point(source, target):
    poses = mapped(source, target)
    for i, name in enumerate(target.keypoints):
        if name in source.keypoints:
            k = source.keypoints.index(name)
            assert poses.keypoints_q4[1, i].tolist() == [100 * k, 100 * k + 3], name
            assert poses.keypoint_scores_q16[1, i] == 40000


def test_only_the_neck_is_lost_from_openpose_to_coco():
    assert None not in skeleton.sources(OPENPOSE18, COCO17)
    assert set(OPENPOSE18.keypoints) - set(COCO17.keypoints) == {"neck"}


@pytest.mark.parametrize("target, name, ends", [
    (OPENPOSE18, "neck", (5, 6)), (MPI15, "neck", (5, 6)), (BODY25, "neck", (5, 6)), (BODY25, "mid_hip", (11, 12))])
def test_middle_is_between_its_ends_and_scores_what_the_worse_does(target, name, ends):
    scores = np.full(17, 50000)
    scores[ends[0]] = 30000
    poses, i = mapped(COCO17, target, scores=scores), target.keypoints.index(name)
    assert poses.keypoints_q4[0, i].tolist() == [50 * sum(ends), 50 * sum(ends) + 3]
    assert poses.keypoint_scores_q16[0, i] == 30000


@pytest.mark.parametrize("end", [5, 6])
def test_neck_needs_both_shoulders(end):
    scores = np.full(17, 50000)
    scores[end] = 0
    poses = mapped(COCO17, OPENPOSE18, scores=scores)
    assert poses.keypoints_q4[0, 1].tolist() == [0, 0] and poses.keypoint_scores_q16[0, 1] == 0


def test_network_with_a_neck_keeps_its_own():
    assert skeleton.sources(OPENPOSE18, BODY25)[1] == (1, 1)


@pytest.mark.parametrize("target, names", [(MPI15, ("head_top", "chest")), (BODY25, ("left_heel", "right_big_toe"))])
def test_keypoint_that_no_network_has_scores_zero(target, names):
    poses = mapped(OPENPOSE18, target)
    for i in map(target.keypoints.index, names):
        assert poses.keypoint_scores_q16[0, i] == 0 and not poses.keypoints_q4[0, i].any()


def test_scores_boxes_and_count_are_the_networks():
    poses = mapped(OPENPOSE18, COCO17)
    assert poses.n == 2 and poses.scores_q16.tolist() == [3, 2, 1] and (poses.boxes_q4 == 7).all()


def test_decoder_of_the_wanted_skeleton_is_not_wrapped(lightning):
    assert not isinstance(decoders.create(lightning), MappedDecoder)
    assert not isinstance(decoders.create(model(), "openpose18"), MappedDecoder)
    assert decoders.create(model()).skeleton == COCO17 and decoders.create(lightning, "mpi15").skeleton == MPI15


def test_unknown_skeleton_is_refused_by_name(lightning):
    with pytest.raises(ConfigError, match="skeleton 'h36m' is not known; one of coco17, openpose18, mpi15, body25"):
        decoders.create(lightning, "h36m")
