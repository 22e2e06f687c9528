"""One contract for every registered backend and model; what cannot load is skipped with its own words, in CI it fails.
"""

import sys
from dataclasses import replace

import numpy as np
import pytest

from edgepose import backends
from edgepose.errors import BackendError, BackendUnavailable, ConfigError, ModelError
from edgepose.letterbox import Letterbox
from edgepose.ring import FrameRing, Slot
from tests.conftest import create_backend, random_frame


@pytest.fixture(params=["lightning", "lightweight"])
def network(request):
    """A model of each family."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=backends.BACKENDS)
def backend(request):
    made = create_backend(request.param)
    yield made
    made.close()


@pytest.fixture
def opened(backend, network):
    """A backend with a model and the ring that it was opened on."""
    ring = FrameRing(network.input.height, network.input.width)
    try:
        backend.open(network, ring)
    except ConfigError as error:
        pytest.skip(str(error))  # replay has no recording of this model
    return backend, network, ring


def filled(rng, slot):
    slot.tensor[:] = rng.integers(0, 256, slot.tensor.shape, dtype=np.uint8)
    return slot


def copies(backend):
    return [output.copy() for output in backend.outputs]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other))


def test_backend_fills_the_same_arrays_for_ever(opened, rng):
    backend, network, ring = opened
    first = backend.outputs
    backend.infer(filled(rng, ring.slots[0]))
    assert backend.outputs is first and backend.format in {file.format for file in network.files}
    assert [o.shape for o in first] == [o.shape for o in network.outputs.values()]
    assert all(o.dtype == np.int8 for o in first) and any(o.any() for o in first)


def test_backend_repeats_itself(opened, rng):
    backend, _, ring = opened
    ring.slots[1].seq = 1
    backend.infer(filled(rng, ring.slots[0]))
    before = copies(backend)
    backend.infer(filled(rng, ring.slots[1]))
    assert not same(before, backend.outputs)
    backend.infer(ring.slots[0])
    assert same(before, backend.outputs)


def test_backend_takes_slots_from_outside_its_ring(opened, rng):
    backend, network, ring = opened
    backend.infer(filled(rng, ring.slots[0]))
    before = copies(backend)
    stranger = Slot(network.input.height, network.input.width)
    stranger.tensor[:] = ring.slots[0].tensor
    backend.infer(stranger)
    assert same(before, backend.outputs)


def test_backend_leaves_the_slot_as_it_is(opened, rng):
    backend, network, ring = opened
    Letterbox.of(network.input).write(random_frame(rng, "nv12", 320, 240), ring.slots[0])
    before = ring.slots[0].tensor.copy()
    backend.infer(ring.slots[0])
    assert np.array_equal(before, ring.slots[0].tensor)


def test_backend_closes_twice_and_still_says_what_it_is(opened):
    backend, _, _ = opened
    backend.close()
    backend.close()
    assert "closed" in repr(backend)


def test_backend_opens_again_after_closing(opened, rng):
    backend, network, ring = opened
    backend.infer(filled(rng, ring.slots[0]))
    before = copies(backend)
    backend.close()
    backend.open(network, ring)
    backend.infer(ring.slots[0])
    assert same(before, backend.outputs)


def test_backend_names_its_package(backend):
    assert backend.package and backend.name in backends.BACKENDS


@pytest.mark.parametrize("name", backends.AUTOMATIC)
def test_threads_do_not_change_the_bits(name, lightning, rng, slot):
    filled(rng, slot)
    results = []
    for threads in (1, 2):
        backend = create_backend(name, threads=threads)
        backend.open(lightning, None)
        backend.infer(slot)
        results.append(copies(backend))
        backend.close()
    assert same(*results)


@pytest.mark.parametrize("name", backends.AUTOMATIC)
@pytest.mark.parametrize("change", [{"scale": 0.5}, {"zero_point": 3}, {"shape": (48, 48, 2)}])
def test_file_that_is_not_what_the_manifest_says_is_refused(name, lightning, change):
    wrong = {**lightning.outputs, "center": replace(lightning.outputs["center"], **change)}
    with pytest.raises(ModelError, match="center .*the manifest says"):
        create_backend(name).open(replace(lightning, outputs=wrong), None)


@pytest.mark.parametrize("name", backends.AUTOMATIC)
def test_output_that_the_file_lacks_is_refused(name, lightning):
    wrong = {"middle": lightning.outputs["center"]}
    with pytest.raises(ModelError, match="no output .*'middle'.*; it has .*center"):
        create_backend(name).open(replace(lightning, outputs=wrong), None)


@pytest.mark.parametrize("name", backends.AUTOMATIC)
def test_file_that_is_no_network_is_one_line(name, lightning, tmp_path):
    import hashlib

    text = b"not a network\n" * 100
    (tmp_path / "text.tflite").write_bytes(text)
    file = replace(lightning.files[0], path=tmp_path / "text.tflite", size_bytes=len(text),
                   sha256=hashlib.sha256(text).hexdigest())
    with pytest.raises((BackendError, ModelError), match="text.tflite: .+") as caught:
        create_backend(name).open(replace(lightning, files=(file,)), None)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", backends.AUTOMATIC)
def test_threads_below_one_are_refused(name):
    with pytest.raises(ConfigError, match="threads must be 1 or more"):
        create_backend(name, threads=0)


def test_unknown_backend_lists_those_known():
    with pytest.raises(ConfigError, match="'tensorrt' is not known; one of auto, tflite, openvino, opencl"):
        backends.create("tensorrt")


def test_setting_of_another_backend_names_the_one_that_takes_it():
    with pytest.raises(ConfigError, match="backend tflite takes no device; openvino and opencl do"):
        backends.create("tflite", device="GPU")


def test_missing_runtimes_say_what_to_install(monkeypatch):
    from edgepose.backends import tflite

    monkeypatch.setattr(tflite, "PACKAGES", (("no_such_runtime", "no-such-runtime"),))
    for module in ("openvino", "pyopencl"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BackendUnavailable) as caught:
        backends.create("auto")
    for way_out in ("ai-edge-litert", "'edgepose[openvino]'", "'edgepose[opencl]'"):
        assert f"pip install {way_out}" in str(caught.value)


# ---- replay

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
