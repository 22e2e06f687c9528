"""Lightweight OpenPose through the whole runtime, and what `edgepose run` says of skeletons and OpenPose's JSON."""

import json

import numpy as np
import pytest

from edgepose import PoseEstimator, backends, skeleton
from edgepose.evaluate import annotations, predict, protocols
from edgepose.evaluate.poses import Poses
from edgepose.evaluate.precision import average_precision
from edgepose.native import openpose as active
from edgepose.native import twin_openpose
from edgepose.pose import PoseBatch
from edgepose.sources import open_source
from tests.contract.test_cli import CLIP, call, lines, one_line

NAME = "lightweight-openpose"


@pytest.fixture
def network(lightweight):
    """The pulled model."""
    return lightweight


@pytest.fixture
def coco_dev(data):
    pytest.importorskip("pycocotools")
    return annotations.read(str(data / "coco-dev" / "annotations.json")), str(data / "coco-dev" / "images")


def precisions(network, truth, folder, kinds):
    """AP by each decode of the same heads, of every twelfth picture; benchmarks/openpose_accuracy.py has them all."""
    (first, *others), found = [predict.make_decode(network, kind) for kind in kinds], [{} for _ in kinds]
    with predict.Predictor(network, backends.create("tflite"), first) as predictor:
        for picture in protocols.select(truth, "images")[::12]:
            found[0][picture.id] = predictor.find(picture, folder)
            for poses, decode in zip(found[1:], others):
                poses[picture.id] = Poses.of(decode(predictor.backend.outputs, predictor._slot))
    return [average_precision(truth, poses)["AP"] for poses in found]


# ---- the network

def test_precision_on_coco_dev_is_at_least_the_authors_decode(network, coco_dev):
    ours, authors = precisions(network, *coco_dev, ("int", "float"))
    assert ours >= authors > 0.3


def test_poses_on_the_camera_are_whole_people(network, data):
    """Of the poses at the default threshold three quarters or more have six keypoints or more."""
    with PoseEstimator(NAME, "tflite", skeleton="openpose18") as estimator:
        source, counts = open_source(str(data / "clips" / "vtest.avi")), []
        while (frame := source.read()) is not None:
            if frame.seq % 40 == 0:
                counts += (estimator.estimate(frame).keypoints()[..., 2] > 0).sum(axis=1).tolist()
        source.close()
    assert len(counts) >= 20 and np.mean(np.array(counts) >= 6) >= 0.75


def test_nobody_is_found_in_nearly_all_pictures_without_people(network, data):
    with PoseEstimator(NAME, "tflite") as estimator:
        found = [len(estimator.estimate(path)) for path in sorted((data / "coco-negatives").rglob("*.jpg"))]
    assert len(found) == 47 and sum(n > 0 for n in found) <= 1


def test_mirrored_picture_gives_mirrored_people(network, data):
    """Were a heatmap's cell laid half a cell beside its place, the two would be eight input px apart."""
    apart = []
    with PoseEstimator(NAME, "tflite", skeleton="openpose18", min_score=0.6) as estimator:
        source = network.input
        for path in sorted((data / "coco-unlabelled").rglob("*.jpg"))[:24]:
            frame = predict.load_picture(str(path))
            picture = np.asarray(frame.planes[0]).reshape(frame.height, -1)[:, :3 * frame.width].reshape(
                frame.height, frame.width, 3)
            plain, mirrored = (estimator.estimate(p, format=frame.format).keypoints()
                               for p in (picture, picture[:, ::-1].copy()))
            if len(plain) == len(mirrored) == 1:
                apart.append(_apart(plain[0], mirrored[0], frame.width) / max(
                    frame.width / source.width, frame.height / source.height))
    assert len(apart) >= 5 and abs(np.median(apart)) < 1


def _apart(plain, mirrored, width):
    """Median of x plus mirrored x less the width, px, over keypoints that both have."""
    names = skeleton.OPENPOSE18.keypoints
    other = [names.index(name.replace("left", "x").replace("right", "left").replace("x", "right")
                         if name.startswith(("left", "right")) else name) for name in names]
    both = (plain[:, 2] > 0.3) & (mirrored[other, 2] > 0.3)
    return np.median((plain[:, 0] + mirrored[other, 0])[both] - width)


def test_twin_decodes_real_maps_to_the_same_bits(network, data):
    decoder = predict.make_decode(network, "int")._decoder._decoder
    backend, batches = backends.create("tflite"), [PoseBatch(32, skeleton.OPENPOSE18) for _ in range(2)]
    backend.open(network, None)
    made = predict.Predictor(network, backends.create("tflite"), None)
    for path in sorted((data / "coco-dev" / "images").glob("*.jpg"))[::25]:
        made._letterbox.write(predict.load_picture(str(path)), made._slot)
        backend.infer(made._slot)
        maps = tuple(backend.outputs[i] for i in decoder._order)
        for kernel, poses in zip((active, twin_openpose.openpose), batches):
            poses.n = kernel(maps, decoder._tables, decoder._setup, 0, (0, 0, 65536), (456, 256), decoder._scratch,
                             poses.keypoints_q4, poses.keypoint_scores_q16, poses.scores_q16, poses.boxes_q4)
        for name in ("keypoints_q4", "keypoint_scores_q16", "scores_q16", "boxes_q4"):
            a, b = (getattr(poses, name)[:poses.n] for poses in batches)
            assert np.array_equal(a, b), path.name
    made.close(), backend.close()


def test_run_finds_several_people_and_says_so(network):
    found = lines(call("run", CLIP, "--model", NAME, "--backend", "tflite", "--max-frames", 5))
    assert {line["skeleton"] for line in found} == {"coco17"} and {line["model"] for line in found} == {NAME}
    assert max(len(line["poses"]) for line in found) >= 2


# ---- skeletons and formats, with recorded outputs

@pytest.mark.parametrize("name", skeleton.names())
def test_run_prints_the_skeleton_that_is_asked_for(name):
    found = lines(call("run", "synthetic:?frames=2", "--backend", "replay", "--min-score", 0, "--skeleton", name))
    assert {line["skeleton"] for line in found} == {name}
    assert all(len(pose["keypoints"]) == len(skeleton.find(name).keypoints) for line in found for pose in line["poses"])


@pytest.mark.parametrize("name", skeleton.names())
def test_overlay_draws_every_skeleton(tmp_path, name):
    done = call("run", CLIP, "--max-frames", 1, "--backend", "replay", "--skeleton", name, "--overlay",
                tmp_path / "a.png")
    assert done.returncode == 0 and (tmp_path / "a.png").stat().st_size > 1000, done.stderr


def test_unknown_skeleton_is_one_line_with_the_known_ones():
    one_line(call("run", "synthetic:?frames=1", "--skeleton", "h36m"), 2, "h36m", "coco17", "body25")


@pytest.mark.parametrize("arguments, n", [([], 25), (["--skeleton", "openpose18"], 18)])
def test_openpose_json_is_body_25_unless_asked_otherwise(arguments, n):
    done = call("run", "synthetic:?frames=2", "--backend", "replay", "--min-score", 0, "--format", "openpose-json",
                *arguments)
    people = [json.loads(line)["people"] for line in done.stdout.splitlines()]
    assert len(people) == 2 and len(people[0][0]["pose_keypoints_2d"]) == 3 * n


def test_openpose_json_to_a_directory_is_a_file_a_frame(tmp_path):
    done = call("run", CLIP, "--max-frames", 3, "--backend", "replay", "--format", "openpose-json", "--output",
                f"{tmp_path}/out/")
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"pedestrians_{i:012}_keypoints.json" for i in range(3)]


def test_estimator_takes_a_skeleton():
    with PoseEstimator(backend="replay", min_score=0, skeleton="body25") as estimator:
        poses = estimator.estimate(np.zeros((48, 64, 3), np.uint8))
    assert poses.skeleton.name == "body25" and poses.keypoints().shape == (1, 25, 3)
