"""JSON lines: exact numbers, and the shipped schema over real output."""

import io
import json
from importlib import resources
from types import SimpleNamespace

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose.pose import PoseBatch
from edgepose.sinks import JsonlSink
from edgepose.skeleton import COCO17

RUN = SimpleNamespace(source='a "clip"\n\udcff.avi', model="m", backend="replay", skeleton=COCO17, fps=None, live=False)
SCHEMA = json.loads((resources.files("edgepose") / "schemas/pose-1.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

any_time = settings(deadline=None, max_examples=50)  # a busy machine is no failure
q4 = st.integers(-(2 ** 20), 2 ** 20)
q16 = st.integers(0, 65535)


@st.composite
def batches(draw):
    poses = PoseBatch(3, COCO17)
    poses.n, poses.file = draw(st.integers(0, 3)), draw(st.none() | st.text(max_size=5))
    poses.seq, poses.t_ns = draw(st.integers(0, 2 ** 40)), draw(st.integers(-5, 2 ** 62))
    poses.width, poses.height = draw(st.integers(1, 16384)), draw(st.integers(1, 16384))
    for i in range(poses.n):
        poses.keypoints_q4[i] = [(draw(q4), draw(q4)) for _ in range(17)]
        poses.keypoint_scores_q16[i] = [draw(q16) for _ in range(17)]
        poses.boxes_q4[i] = draw(q4), draw(q4), abs(draw(q4)), abs(draw(q4))
        poses.scores_q16[i], poses.track_ids[i] = draw(q16), draw(st.integers(-1, 2 ** 31 - 1))
    return poses


def written(poses, **options):
    stream = io.StringIO()
    sink = JsonlSink(stream, **options)
    sink.open(RUN)
    sink.write(poses)
    sink.close()
    return stream.getvalue()


def person():
    poses = PoseBatch(2, COCO17)
    poses.n, poses.width, poses.height = 1, 640, 480
    return poses


@any_time
@given(batches())
def test_jsonl_when_any_batch_is_written_then_the_line_fits_the_schema(poses):
    line = written(poses)
    assert line.endswith("}\n") and line.count("\n") == 1 and line.isascii()
    VALIDATOR.validate(json.loads(line))


@any_time
@given(batches())
def test_jsonl_when_read_back_then_coordinates_are_the_fixed_point_values(poses):
    people = json.loads(written(poses))["poses"]
    assert len(people) == poses.n
    for i, pose in enumerate(people):
        assert [v * 16 for v in pose["box"]] == poses.boxes_q4[i].tolist()
        assert [[x * 16, y * 16] for x, y, _ in pose["keypoints"]] == poses.keypoints_q4[i].tolist()


@any_time
@given(batches())
def test_jsonl_when_read_back_then_scores_are_rounded_to_four_decimals(poses):
    for i, pose in enumerate(json.loads(written(poses))["poses"]):
        assert pose["score"] == round(int(poses.scores_q16[i]) / 65535, 4)
        assert [k[2] for k in pose["keypoints"]] == [round(s / 65535, 4)
                                                     for s in poses.keypoint_scores_q16[i].tolist()]


@any_time
@given(batches())
def test_jsonl_when_read_back_then_the_frame_is_described(poses):
    line = json.loads(written(poses))
    assert (line["seq"], line["t_ns"], line["file"]) == (poses.seq, poses.t_ns, poses.file)
    assert (line["width"], line["height"], line["source"]) == (poses.width, poses.height, RUN.source)
    assert [pose["track_id"] for pose in line["poses"]] == [
        None if t < 0 else t for t in poses.track_ids[:poses.n].tolist()]


def test_jsonl_when_written_then_the_keys_stand_in_the_documented_order():
    line = json.loads(written(person()))
    assert list(line) == SCHEMA["required"]
    assert list(line["poses"][0]) == SCHEMA["$defs"]["pose"]["required"]


def test_jsonl_when_nobody_is_there_then_poses_is_empty():
    poses = person()
    poses.n = 0
    assert written(poses).endswith('"poses":[]}\n')


@pytest.mark.parametrize("value_q4, text", [(0, "0"), (1041, "65.0625"), (8, "0.5"), (-1, "-0.0625"), (-16, "-1"),
                                            (-24, "-1.5"), (262143, "16383.9375")])
def test_jsonl_when_a_coordinate_is_written_then_it_is_exact(value_q4, text):
    poses = person()
    poses.boxes_q4[0] = value_q4, 0, 0, 0
    assert f'"box":[{text},0,0,0]' in written(poses)


def test_jsonl_when_a_pose_scores_too_little_then_it_is_left_out():
    poses = person()
    poses.n, poses.scores_q16[:2] = 2, (13107, 13106)
    assert [pose["score"] for pose in json.loads(written(poses, min_score=0.2))["poses"]] == [0.2]


@pytest.mark.parametrize("spoil", [{"more": 1}, {"schema": "edgepose.pose/2"}, {"seq": -1}, {"t_ns": 0.5}, {"file": 3},
                                   {"poses": None}, {"poses": [{}]}])
def test_schema_when_a_line_is_spoilt_then_it_is_refused(spoil):
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({**json.loads(written(person())), **spoil})


@pytest.mark.parametrize("spoil", [{"keypoints": [[0, 0, 0]] * 16}, {"box": [0, 0, 0]}, {"box": [0.01, 0, 0, 0]},
                                   {"score": 1.01}, {"track_id": -1}, {"keypoints": [[0, 0, 0, 0]] * 17}])
def test_schema_when_a_pose_is_spoilt_then_it_is_refused(spoil):
    line = json.loads(written(person()))
    line["poses"][0].update(spoil)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(line)


def test_schema_when_checked_then_it_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name, n", [("coco17", 17), ("openpose18", 18), ("mpi15", 15), ("body25", 25)])
def test_schema_when_a_pose_has_not_its_skeletons_keypoints_then_it_is_refused(name, n):
    line = json.loads(written(person())) | {"skeleton": name}
    line["poses"][0]["keypoints"] = [[0, 0, 0]] * n
    VALIDATOR.validate(line)
    line["poses"][0]["keypoints"].pop()
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(line)
