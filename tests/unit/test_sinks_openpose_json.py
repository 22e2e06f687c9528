"""OpenPose's JSON: its keys, its numbers and its file names."""

import io
import json
import os
from types import SimpleNamespace

import numpy as np
import pytest

from edgepose.errors import SinkError
from edgepose.pose import PoseBatch
from edgepose.sinks import OpenposeJsonSink
from edgepose.sinks.openpose_json import file_name
from edgepose.skeleton import BODY25

RUN = SimpleNamespace(source="clips/street.mp4", model="m", backend="replay", skeleton=BODY25, fps=None, live=False)
#: What OpenPose 1.3 writes for a person, in its order.
KEYS = ["person_id", "pose_keypoints_2d", "face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d",
        "pose_keypoints_3d", "face_keypoints_3d", "hand_left_keypoints_3d", "hand_right_keypoints_3d"]


@pytest.fixture
def poses():
    batch = PoseBatch(3, BODY25)
    batch.n, batch.seq, batch.scores_q16[:2] = 2, 17, (50000, 20000)
    batch.keypoints_q4[:2] = np.arange(50).reshape(25, 2) * 17
    batch.keypoint_scores_q16[:2] = np.arange(25) * 2000
    return batch


def written(poses, **options):
    stream = io.StringIO()
    sink = OpenposeJsonSink(stream, **options)
    sink.open(RUN)
    sink.write(poses)
    sink.close()
    return stream.getvalue()


def test_frame_when_written_then_it_is_one_line_in_openposes_layout(poses):
    line = written(poses)
    value = json.loads(line)
    assert line.count("\n") == 1 and list(value) == ["version", "people"] and value["version"] == 1.3
    assert [list(person) for person in value["people"]] == [KEYS, KEYS]
    assert all(person[key] == [] for person in value["people"] for key in KEYS[2:])


def test_keypoints_when_read_back_then_they_are_the_poses(poses):
    for i, person in enumerate(json.loads(written(poses))["people"]):
        found = np.array(person["pose_keypoints_2d"]).reshape(25, 3)
        assert np.array_equal(found[:, :2] * 16, poses.keypoints_q4[i])
        assert np.abs(found[:, 2] - poses.keypoint_scores_q16[i] / 65535).max() <= 0.00005


def test_person_id_when_no_tracker_ran_then_it_is_minus_one_else_the_track(poses):
    poses.track_ids[1] = 4
    assert [person["person_id"] for person in json.loads(written(poses))["people"]] == [[-1], [4]]


def test_frame_when_nobody_is_there_then_people_is_empty(poses):
    poses.n = 0
    assert json.loads(written(poses))["people"] == []


def test_pose_when_it_scores_too_little_then_it_is_left_out(poses):
    assert len(json.loads(written(poses, min_score=0.5))["people"]) == 1


@pytest.mark.parametrize("source, file, name", [
    ("clips/street.mp4", None, "street_000000000017_keypoints.json"), ("pictures/", "a.b.jpg", "a.b_keypoints.json"),
    ("pictures", "sub/c.png", "sub_c_keypoints.json"), ("pictures", "../c.png", "c_keypoints.json"),
    ("rtsp://camera/stream", None, "stream_000000000017_keypoints.json"), ("/dev/video0", None,
     "video0_000000000017_keypoints.json"), ("", None, "frame_000000000017_keypoints.json"),
    ("synthetic:?frames=4", None, "synthetic_frames_4_000000000017_keypoints.json")])
def test_file_when_named_then_as_openpose_does_and_never_outside(source, file, name):
    assert file_name(source, file, 17) == name and os.sep not in name


@pytest.mark.parametrize("exists", [True, False])
def test_directory_when_given_then_each_frame_is_a_file(tmp_path, poses, exists):
    folder = tmp_path / "out"
    if exists:
        folder.mkdir()
    sink = OpenposeJsonSink(str(folder) if exists else f"{folder}/")
    sink.open(RUN)
    for poses.seq in range(3):
        sink.write(poses)
    sink.close()
    names = [f"street_{i:012}_keypoints.json" for i in range(3)]
    assert sorted(os.listdir(folder)) == names
    assert all(len(json.loads((folder / name).read_text())["people"]) == 2 for name in names)


def test_directory_when_a_frame_cannot_be_written_then_one_line_names_it(tmp_path, poses):
    sink = OpenposeJsonSink(f"{tmp_path}/")
    sink.open(RUN)
    (tmp_path / "street_000000000017_keypoints.json").mkdir()
    with pytest.raises(SinkError, match="street_000000000017_keypoints.json: it is a directory"):
        sink.write(poses)
