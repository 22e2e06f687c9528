"""Results of other tools, and predictions that are kept between runs."""

import json

import numpy as np
import pytest

from edgepose.errors import ConfigError, SinkError
from edgepose.evaluate import protocols, results
from edgepose.evaluate.kept import KeptPoses
from tests.evaluate_truth import STANDING, person, poses, truth

ABOUT = {"model": "m", "sha256": "ab"}


@pytest.fixture
def task():
    found = truth([person(1, 1), person(2, 2)])
    return found, protocols.select(found, "crops")


def coco_result(image_id, score=0.7, **more):
    keypoints = np.c_[STANDING, np.full(17, 0.3)].ravel().tolist()
    return {"image_id": image_id, "category_id": 1, "keypoints": keypoints, "score": score, **more}


def line(file, n_poses=1, **more):
    keypoints = np.c_[STANDING, np.full(17, 0.25)].tolist()
    return {"schema": "edgepose.pose/1", "file": file, "skeleton": "coco17", "model": "m", "backend": "b",
            "poses": [{"keypoints": keypoints, "score": 0.9}] * n_poses, **more}


def write(path, *lines):
    path.write_text("".join(json.dumps(value) + "\n" for value in lines))
    return path


def test_coco_results_keep_their_scores_and_others_are_left_out(tmp_path, task):
    path = write(tmp_path / "r.json", [coco_result(1), coco_result(1, 0.1), coco_result(9),
                                       coco_result(2, category_id=3)])
    found, about = results.read(path, *task)
    assert found[1].scores.tolist() == [0.7, 0.1] and np.array_equal(found[1].keypoints[0, :, :2], STANDING)
    assert len(found[2]) == 0 and about["format"] == "COCO results" and about["images"] == 1


def test_our_lines_are_matched_by_name_and_scored_by_the_mean(tmp_path, task):
    path = write(tmp_path / "r.jsonl", line("1.png", 2), line("2.png", 0), line("other.png"))
    found, about = results.read(path, *task)
    assert found[1].scores.tolist() == [0.25, 0.25] and len(found[2]) == 0
    assert (about["model"], about["backend"], about["images"]) == ("m", "b", 2)


@pytest.mark.parametrize("content, words", [
    ("", "none of its results"), ("hello\n", "line 1: neither"), ("[1]", "result 0: needs"), ("[]", "none of its"),
    ("[", "not a JSON"), (json.dumps([coco_result(1, "x")]), "result 0: score"),
    (json.dumps([coco_result(1, keypoints=[1])]), "result 0: keypoints"), (json.dumps([coco_result(8)]), "none of its"),
    (json.dumps(line(None)), "line 1: needs file"), (json.dumps(line("1.png", skeleton="x")), "line 1: skeleton"),
    (json.dumps(line("1.png", poses=[{}])), "line 1: a pose without"),
    (json.dumps(line("1.png", poses=[{"keypoints": [[1, 2, 3]] * 34}])), "line 1: a pose without"),
    (json.dumps(line("1.png", poses=[{"keypoints": [[1, float("nan"), 3]] * 17}])), "line 1: a pose without"),
    (json.dumps(line("1.png")) + "\n" + json.dumps(line("1.png")), "line 2: a second line")])
def test_wrong_results_name_the_place(tmp_path, task, content, words):
    (tmp_path / "r").write_text(content)
    with pytest.raises(ConfigError, match=f"{tmp_path}/r: {words}"):
        results.read(str(tmp_path / "r"), *task)


def test_kept_poses_come_back_to_the_bit(tmp_path, task, rng):
    with_noise = poses(STANDING + rng.normal(0, 1, (17, 2)), STANDING, score=1 / 3)
    for n_before, picture in enumerate(task[1]):
        kept = KeptPoses(str(tmp_path / "k"), ABOUT)
        assert len(kept.poses) == n_before
        kept.add(picture, with_noise)
        kept.close()
    again = KeptPoses(str(tmp_path / "k"), ABOUT)
    assert np.array_equal(again.poses[1].keypoints, with_noise.keypoints) and list(again.poses) == [1, 2]
    again.close(), again.close()


@pytest.mark.parametrize("n_bytes", [3, 40, 200, -1, -30])
def test_cut_off_line_is_dropped_and_the_file_goes_on(tmp_path, task, n_bytes):
    path = tmp_path / "k"
    for _ in range(2):
        kept = KeptPoses(str(path), ABOUT)
        for picture in task[1]:
            if picture.id not in kept.poses:
                kept.add(picture, poses(STANDING))
        kept.close()
        whole = path.read_bytes()
        path.write_bytes(whole[:n_bytes])
    kept = KeptPoses(str(path), ABOUT)
    assert len(kept.poses) == (1 if n_bytes < 0 else 0)
    kept.close()
    assert path.read_bytes().endswith(b"\n") and all(map(json.loads, path.read_text().splitlines()))


@pytest.mark.parametrize("content, words", [
    ("my diary", "not a file of edgepose eval"), ("my diary\n", "line 1 is no JSON"), ('{"a": 1}\n', "schema"),
    (json.dumps({"schema": "edgepose.eval-poses/1", "model": "m", "sha256": "cd"}) + "\n", 'sha256 "cd", this run has'),
    (json.dumps({"schema": "edgepose.eval-poses/1", **ABOUT}) + '\n{"image_id": 1}\n', "line 2 has no keypoints")])
def test_foreign_file_is_refused_and_left_alone(tmp_path, content, words):
    (tmp_path / "k").write_text(content)
    with pytest.raises(ConfigError, match=words):
        KeptPoses(str(tmp_path / "k"), ABOUT)
    assert (tmp_path / "k").read_text() == content


def test_device_is_refused_and_not_read():
    with pytest.raises(ConfigError, match="/dev/zero: it is no ordinary file"):
        KeptPoses("/dev/zero", ABOUT)


def test_kept_poses_that_cannot_be_made_are_a_sink_error(tmp_path):
    with pytest.raises(SinkError, match="does not exist"):
        KeptPoses(str(tmp_path / "none" / "k"), ABOUT)
