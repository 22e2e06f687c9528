"""OKS and matching: by hand, and against pycocotools."""

import numpy as np
import pytest

from edgepose.evaluate import precision, score, similarity
from edgepose.evaluate.annotations import gather
from edgepose.evaluate.poses import Poses
from tests.evaluate_truth import STANDING, person, poses, truth, unlabelled_person


def test_oks_of_one_moved_keypoint_by_hand():
    xy = STANDING.copy()
    xy[9, 0] += 10  # a wrist, sigma 0.062
    expected = (16 + np.exp(-100 / (2 * 10000 * 0.124 ** 2))) / 17
    assert similarity.oks(xy[None], gather([person(1, 1)]))[0, 0] == pytest.approx(expected, abs=1e-12)


def test_oks_counts_labelled_keypoints_only():
    xy = STANDING.copy()
    xy[9] += 1000
    assert similarity.oks(xy[None], gather([person(1, 1, unlabelled=[9])]))[0, 0] == 1


def test_oks_equals_pycocotools_on_random_people(rng):
    make_coco, make_judge = pytest.importorskip("pycocotools") and precision.load()
    people = [person(i + 1, 1, rng.uniform(0, 30, 2).tolist(), rng.choice(17, rng.integers(0, 16), replace=False),
                     area=rng.uniform(50, 20000)) for i in range(6)]
    annotations = truth(people)
    found = Poses.of(np.c_[np.tile(STANDING, (5, 1)) + rng.normal(0, 15, (85, 2)), rng.uniform(0, 1, 85)])
    found = Poses.of(found.keypoints[np.argsort(-found.scores)])  # the order in which pycocotools answers
    judge = make_judge(precision._index(make_coco(), annotations, annotations.entries[1]),
                       precision._index(make_coco(), annotations, precision._detections(annotations, {1: found})),
                       "keypoints")
    judge._prepare()
    ours = similarity.oks(found.keypoints[..., :2], annotations.people(1))
    assert np.allclose(ours, judge.computeOks(1, 1), rtol=0, atol=1e-12) and (ours > 0.3).any()


def test_match_takes_the_best_pair_first():
    assert similarity.match(np.array([[0.9, 0.8], [0.7, 0.1]])).tolist() == [0, 1]
    assert similarity.match(np.array([[0.2, 0.9], [0.3, 0.8]])).tolist() == [1, 0]


def test_match_leaves_people_alone_where_poses_ran_out():
    assert similarity.match(np.array([[0.1, 0.9, 0.3]])).tolist() == [-1, 0, -1]
    assert similarity.match(np.zeros((0, 2))).tolist() == [-1, -1]
    assert similarity.match(np.zeros((3, 0))).tolist() == []


def test_average_precision_of_perfect_and_of_no_poses():
    pytest.importorskip("pycocotools")
    annotations = truth([person(1, 1), person(2, 2, (50, 10))])
    perfect = {1: poses(STANDING), 2: poses(STANDING + (50, 10))}
    values = precision.average_precision(annotations, perfect)
    assert values["AP"] == values["AR"] == values["APl"] == pytest.approx(1) and values["APm"] is None
    assert precision.average_precision(annotations, {1: poses(), 2: poses()})["AP"] == 0


def test_average_precision_counts_only_the_images_that_were_looked_at():
    pytest.importorskip("pycocotools")
    annotations = truth([person(0, 1), person(0, 2), unlabelled_person(0, 1)])
    assert precision.average_precision(annotations, {1: poses(STANDING)})["AP"] == pytest.approx(1)
    assert precision.average_precision(annotations, {1: poses(STANDING), 2: poses()})["AR"] == pytest.approx(0.5)


def test_average_precision_is_that_of_loading_coco_results(rng):
    make_coco, make_judge = pytest.importorskip("pycocotools") and precision.load()
    annotations = truth([person(1, 1), person(2, 1, (40, 5)), person(3, 2), unlabelled_person(4, 2, iscrowd=1)])
    found = {i: Poses.of(np.c_[np.tile(STANDING, (3, 1)) + rng.normal(0, 6, (51, 2)), rng.uniform(0, 1, 51)])
             for i in (1, 2)}
    coco = precision._index(make_coco(), annotations, annotations.entries[1] + annotations.entries[2])
    judge = make_judge(coco, coco.loadRes(precision._detections(annotations, found)), "keypoints")
    judge.params.imgIds = [1, 2]
    judge.evaluate(), judge.accumulate(), judge.summarize()
    values = precision.average_precision(annotations, found)
    assert [-1 if v is None else v for v in values.values()] == pytest.approx(judge.stats[:6], abs=1e-12)
    assert 0 < values["AP"] < 1


def test_evaluate_matches_poses_and_counts_people_without_one():
    pytest.importorskip("pycocotools")
    annotations = truth([person(1, 1), person(2, 1, (150, 0)), unlabelled_person(3, 1)])
    numbers, judged = score.evaluate(annotations, {1: poses(STANDING + (150, 0)), 2: poses(STANDING)})
    assert numbers["counts"] == {"images": 2, "people": 2, "poses": 2, "people_without_pose": 1,
                                 "labelled_keypoints": 34}
    assert judged[1].oks.tolist() == [0, 1] and judged[1].answers.tolist() == [-1, 0] and not judged[2].entries
    assert numbers["keypoints"]["PCK@0.2"]["all"] == {"rate": 0.5, "counted": 34}
    assert numbers["limbs"]["PCP@0.5"]["each"]["torso"] == {"rate": 0.5, "counted": 2}


def test_score_of_poses_is_the_mean_of_their_keypoints():
    keypoints = np.zeros((1, 17, 3))
    keypoints[0, :4, 2] = 1
    assert Poses.of(keypoints).scores.tolist() == [4 / 17]
    assert len(Poses.of([])) == 0
