"""A backend that fails while it runs: another takes over, on the same frame, in plain sight."""

import json
import warnings

import numpy as np
import pytest

import edgepose
from edgepose import backends, cli, decoders
from edgepose.backends import standby
from edgepose.errors import BackendError, BackendUnavailable, ModelError
from edgepose.pipeline import Pipeline
from tests.conftest import random_frame
from tests.doubles import ListSource


class Failing:
    """Runs well for some frames, then never again."""

    name, package, format, threads = "opencl", "failing 1.0", "tflite", 1

    def __init__(self, n_good):
        self._left, self._inner, self.closed = n_good, backends.create("tflite"), 0

    @property
    def outputs(self):
        return self._inner.outputs

    def open(self, model, ring):
        self._inner.open(model, ring)

    def infer(self, slot):
        if self._left == 0:
            raise BackendError(f"{self.package} failed on frame {slot.seq}: device lost")
        self._left -= 1
        self._inner.infer(slot)

    def close(self):
        self.closed += 1
        self._inner.close()


@pytest.fixture
def failing():
    return Failing(3)


def frames(rng, n):
    return [random_frame(rng, "bgr24", 64, 48, seq=seq) for seq in range(n)]


def poses_of(model, backend, pictures):
    with Pipeline(ListSource(pictures), model, backend, decoders.create(model)) as stages:
        return [(poses.seq, poses.keypoints_q4[:poses.n].tolist()) for poses in stages]


def test_no_frame_is_lost_and_the_other_is_named(lightning, rng, failing):
    pictures, lines = frames(rng, 8), []
    found = poses_of(lightning, standby.Standby(failing, ["tflite"], {"threads": 1}, lines.append), pictures)
    assert found == poses_of(lightning, backends.create("tflite"), pictures)
    line, = lines
    assert line.startswith("failing 1.0 failed on frame 3: device lost; going on with ai-edge-litert")
    assert failing.closed


def test_second_fault_is_raised(lightning, slot, monkeypatch, failing):
    second, lines = Failing(1), []
    monkeypatch.setattr(backends, "find", lambda name: lambda **_: second)
    pair = standby.Standby(failing, ["tflite", "openvino"], {}, lines.append)
    pair.open(lightning, None)
    with pytest.raises(BackendError, match="device lost"):
        for _ in range(5):
            pair.infer(slot)
    assert len(lines) == 1


@pytest.mark.parametrize("fault", [ModelError("no file"), BackendUnavailable("no package"), BackendError("no memory")])
def test_one_that_does_not_open_is_passed_over(lightning, slot, monkeypatch, failing, fault):
    class Broken(Failing):
        def open(self, model, ring):
            raise fault

    makers, lines = {"openvino": lambda **_: Broken(0), "tflite": backends.find("tflite")}, []
    monkeypatch.setattr(backends, "find", makers.__getitem__)
    monkeypatch.setattr(backends, "known_settings", lambda name, settings: {})
    pair = standby.Standby(failing, ["openvino", "tflite"], {}, lines.append)
    pair.open(lightning, None)
    for _ in range(5):
        pair.infer(slot)
    assert pair.name == "tflite" and len(lines) == 1


def test_fault_stays_where_nobody_can_take_over(lightning, slot, failing):
    pair = standby.Standby(failing, [], {}, None)
    pair.open(lightning, None)
    with pytest.raises(BackendError, match="frame 0: device lost"):
        for _ in range(5):
            pair.infer(slot)


def test_backend_that_replays_stands_alone():
    replay = backends.create("replay")
    assert standby.secure(replay, {}, None) is replay


def test_run_goes_on_and_says_so(lightning, failing, monkeypatch, capfd):
    monkeypatch.setattr(backends, "create", lambda *_, **__: failing)
    monkeypatch.setattr(backends, "installed", lambda: ["opencl", "tflite"])
    assert cli.main(["run", "synthetic:?frames=6", "--no-track"]) == 0  # one look a frame
    printed = capfd.readouterr()
    rows = [json.loads(line) for line in printed.out.splitlines()]
    assert [row["seq"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [row["backend"] for row in rows] == ["opencl"] * 3 + ["tflite"] * 3
    assert printed.err.startswith("edgepose: failing 1.0 failed on frame 3: device lost; going on with ")


def test_estimator_goes_on_and_warns(failing, monkeypatch):
    monkeypatch.setattr(backends, "create", lambda *_, **__: failing)
    monkeypatch.setattr(backends, "installed", lambda: ["opencl", "tflite"])
    with edgepose.PoseEstimator(backend="opencl") as estimator, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(5):
            estimator.estimate(np.zeros((48, 64, 3), np.uint8))
    assert [str(warning.message).split(";")[0] for warning in caught] == [
        "failing 1.0 failed on frame 0: device lost"]
