"""One contract for every registered backend; one that cannot load is skipped with its own words, in CI it fails."""

import os

import numpy as np
import pytest

from edgepose import backends
from edgepose.errors import BackendUnavailable, ConfigError, ModelError
from edgepose.ring import Slot
from tests.conftest import random_frame


@pytest.fixture(params=backends.BACKENDS)
def backend(request, lightning):
    try:
        made = backends.create(request.param)
    except BackendUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    yield made
    made.close()


def filled(rng, slot):
    slot.tensor[:] = rng.integers(0, 256, slot.tensor.shape, dtype=np.uint8)
    return slot


def test_backend_fills_the_same_arrays_for_ever(backend, lightning, rng, slot):
    backend.open(lightning, None)
    first = backend.outputs
    backend.infer(filled(rng, slot))
    assert backend.outputs is first
    assert [o.shape for o in first] == [o.shape for o in lightning.outputs.values()]
    assert all(o.dtype == np.int8 for o in first) and any(o.any() for o in first)


def test_backend_repeats_itself(backend, lightning, rng, slot):
    backend.open(lightning, None)
    backend.infer(filled(rng, slot))
    before = [o.copy() for o in backend.outputs]
    other = Slot(192, 192)
    other.seq = 1
    backend.infer(filled(rng, other))
    backend.infer(slot)
    assert all(np.array_equal(a, b) for a, b in zip(before, backend.outputs))


def test_backend_closes_twice_and_still_says_what_it_is(backend, lightning):
    backend.open(lightning, None)
    backend.close()
    backend.close()
    assert "closed" in repr(backend)


def test_backend_names_its_package(backend):
    assert backend.package and backend.name in backends.BACKENDS


def test_unknown_backend_lists_those_known():
    with pytest.raises(ConfigError, match="'tensorrt' is not known; one of auto, tflite"):
        backends.create("tensorrt")


def test_threads_below_one_are_refused():
    with pytest.raises(ConfigError, match="threads must be 1 or more"):
        backends.create("tflite", threads=0)


def test_threads_do_not_change_the_bits(lightning, rng, slot):
    filled(rng, slot)
    results = []
    for threads in (1, 2):
        backend = backends.create("tflite", threads=threads)
        backend.open(lightning, None)
        backend.infer(slot)
        results.append([o.copy() for o in backend.outputs])
    assert all(np.array_equal(a, b) for a, b in zip(*results))


def test_missing_runtime_says_what_to_install(monkeypatch):
    from edgepose.backends import tflite

    monkeypatch.setattr(tflite, "PACKAGES", (("no_such_runtime", "no-such-runtime"),))
    with pytest.raises(BackendUnavailable, match="pip install ai-edge-litert"):
        backends.create("auto")


@pytest.mark.parametrize("change", [{"scale": 0.5}, {"zero_point": 3}, {"shape": (48, 48, 2)}])
def test_file_that_is_not_what_the_manifest_says_is_refused(lightning, change):
    import dataclasses

    wrong = {**lightning.outputs, "center": dataclasses.replace(lightning.outputs["center"], **change)}
    with pytest.raises(ModelError, match="tensor center is int8 .* the manifest says"):
        backends.create("tflite").open(dataclasses.replace(lightning, outputs=wrong), None)


def test_replay_answers_by_frame_number(lightning, slot):
    backend = backends.create("replay")
    backend.open(lightning, None)
    slot.seq = 1
    backend.infer(slot)
    second = backend.outputs[1].copy()
    slot.seq = 1 + backend.n_frames
    backend.infer(slot)
    assert np.array_equal(second, backend.outputs[1])
    slot.seq = 2
    backend.infer(slot)
    assert not np.array_equal(second, backend.outputs[1])


def test_replay_of_another_quantisation_is_refused(lightning, tmp_path):
    from edgepose.backends.replay import RECORDINGS

    with np.load(RECORDINGS / "movenet-lightning.npz") as recording:
        arrays = dict(recording)
    arrays["center.quantisation"] = np.array([1.0, 0])
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(ModelError, match="recorded with another quantisation"):
        backends.create("replay", recording=tmp_path / "other.npz").open(lightning, None)


def test_replay_without_its_recording_names_the_way_out(lightning, tmp_path):
    with pytest.raises(ConfigError, match="benchmarks/record.py"):
        backends.create("replay", recording=tmp_path / "none.npz").open(lightning, None)


def test_letterboxed_frame_goes_in_as_it_is(lightning, rng, slot):
    from edgepose.letterbox import Letterbox

    backend = backends.create("tflite")
    backend.open(lightning, None)
    Letterbox(192, 192).write(random_frame(rng, "nv12", 320, 240), slot)
    before = slot.tensor.copy()
    backend.infer(slot)
    assert np.array_equal(before, slot.tensor)
