"""Settings of a backend, from the command line and from Python, to the backend."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import edgepose
from edgepose import backends

CLIP = Path(edgepose.__file__).resolve().parent / "clips" / "pedestrians.mp4"
openvino = pytest.mark.skipif("openvino" not in backends.installed(),
                              reason="openvino is not installed; pip install 'edgepose[openvino]'")


def call(*arguments):
    return subprocess.run([sys.executable, "-m", "edgepose", *map(str, arguments)], capture_output=True, text=True,
                          timeout=300)


@openvino
def test_run_with_every_setting_finds_the_pedestrian():
    done = call("run", CLIP, "--max-frames", 3, "--backend", "openvino", "--device", "auto", "--precision", "f32",
                "--pin-threads", "--threads", 2, "--cpus", 0)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.count('"backend":"openvino"') == 3 and done.stdout.count('"keypoints"') >= 1


@openvino
def test_estimator_and_its_stream_take_settings():
    with edgepose.PoseEstimator(backend="openvino", device="cpu", threads=2) as estimator:
        estimator.estimate(np.zeros((48, 64, 3), np.uint8))
        assert "on CPU at f32, 2 threads, open" in repr(estimator)
        assert [poses.seq for poses, _ in zip(estimator.stream(CLIP), range(2))] == [0, 1]


@pytest.mark.parametrize("arguments, words", [
    (["--backend", "tflite", "--device", "GPU"], "backend tflite takes no device; openvino and opencl do"),
    (["--backend", "replay", "--pin-threads"], "backend replay takes no pin threads; openvino does")])
def test_setting_of_another_backend_is_one_line(arguments, words):
    done = call("run", CLIP, *arguments)
    assert done.returncode == 2 and done.stderr == f"edgepose: {words}\n"


@openvino
@pytest.mark.parametrize("arguments, words", [
    (["--device", "FPGA"], "device 'FPGA' is not here; OpenVINO finds "),
    (["--precision", "i4"], "precision 'i4' is not known; one of f32, f16, bf16")])
def test_wrong_setting_is_one_line_that_lists_what_there_is(arguments, words):
    done = call("run", CLIP, "--backend", "openvino", *arguments)
    assert done.returncode == 2 and done.stderr.startswith(f"edgepose: {words}")
    assert len(done.stderr.splitlines()) == 1


def test_eval_of_results_refuses_a_setting(tmp_path):
    done = call("eval", "--annotations", tmp_path / "a.json", "--results", tmp_path / "b.json", "--pin-threads")
    assert done.returncode == 2 and "--pin-threads has no use beside --results" in done.stderr
