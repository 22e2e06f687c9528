"""What OpenVINO alone must do: equal accuracy, shared memory, explicit settings, a cache that may be damaged."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest

import edgepose
from edgepose import backends, cache, machine
from edgepose.backends import choice, tflite
from edgepose.convert.tflite_writer import Operator, Tensor, serialise
from edgepose.errors import BackendError, BackendUnavailable, ConfigError, ModelError
from edgepose.ring import FrameRing, Slot

ov = pytest.importorskip("openvino", reason="openvino is not installed; pip install 'edgepose[openvino]'")

from edgepose.backends import openvino, openvino_graph, openvino_kept  # noqa: E402
from edgepose.backends.openvino_graph import opset  # noqa: E402


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A cache of this test's own; the folder where compiled networks are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "edgepose" / "openvino"


@pytest.fixture
def compiled(monkeypatch):
    """How often a network was read to be compiled."""
    reads, read = [], openvino_graph.read
    monkeypatch.setattr(openvino_graph, "read", lambda *arguments: reads.append(1) or read(*arguments))
    return reads


def opened(model, ring=None, **settings):
    backend = backends.create("openvino", **settings)
    backend.open(model, ring)
    return backend


def answers(backend, slots):
    """Every output of every slot, int32."""
    for slot in slots:
        backend.infer(slot)
        yield [output.astype(np.int32) for output in backend.outputs]


def distance(model, one, other):
    """{output: mean difference of two backends over real frames, steps of its scale}."""
    slots = choice.real_slots(model)
    pairs = list(zip(answers(one, slots), answers(other, slots)))
    return {name: np.mean([np.abs(a[i] - b[i]).mean() for a, b in pairs]) for i, name in enumerate(model.outputs)}


# ---- the same network

def test_trunk_is_within_a_step_of_tflite(lightning):
    other = backends.create("tflite")
    other.open(lightning, None)
    found = distance(lightning, other, opened(lightning))
    assert max(found[name] for name in found if name.startswith("block_")) < 1.2  # 3.5 where int8 sums saturate


@pytest.mark.parametrize("format", ["tflite", "openvino-ir"])
def test_openpose_from_either_file_is_near_tflite(lightweight, format):
    other = backends.create("tflite")
    other.open(lightweight, None)
    only = replace(lightweight, files=tuple(file for file in lightweight.files if file.format == format))
    found = distance(lightweight, other, opened(only))
    assert max(found.values()) < 0.15


def overflowing(levels, per_channel):
    """A graph of one convolution whose int8 sums need more than 16 bits, and the sum that is right."""
    shape = (1, 32, 1, 1) if per_channel else ()
    taken = opset.parameter([1, 32, 4, 4], np.float32)
    ends = [np.full(shape, end, np.float32) for end in (0, levels - 1)] * 2
    stored = opset.multiply(opset.convert(opset.constant(np.full((32, 32, 1, 1), 127, np.int8)), np.float32),
                            np.ones((32, 1, 1, 1), np.float32))
    summed = opset.convolution(opset.fake_quantize(taken, *ends, levels), stored, [1, 1], [0, 0], [0, 0], [1, 1])
    return ov.Model([summed], [taken], "overflowing"), 32 * 127 * (levels - 1)


@pytest.mark.parametrize("per_channel", [False, True])
def test_sums_that_overflow_16_bits_are_exact(per_channel):
    graph, right = overflowing(256, per_channel)
    if not machine.has_int8_dot_products():
        openvino_graph.compute_in_float(graph)
    network = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = network([np.full((1, 32, 4, 4), 300, np.float32)])[0]  # beyond the quantiser's range too
    assert (found == right).all()


def test_float_graph_rounds_and_clips_like_the_int8_graph():
    taken = opset.parameter([1000], np.float32)
    ends = [np.float32(end) for end in (-1.5, 3.6, -1.5, 3.6)]
    values = np.linspace(-3, 6, 1000, dtype=np.float32)
    results = []
    for change in (lambda graph: None, openvino_graph.compute_in_float):
        graph = ov.Model([opset.fake_quantize(taken, *ends, 256)], [taken], "quantiser")
        change(graph)
        network = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        results.append(network([values])[0].copy())
    assert np.abs(results[0] - results[1]).max() <= 5.1 / 255 + 1e-5  # a tie may round to either side
    assert (np.abs(results[0] - results[1]) > 1e-5).mean() < 0.02 and results[1].max() <= 3.6 + 1e-5


def resize_file(folder):
    """A `.tflite` of one resize to twice the size."""
    small, large = (Tensor(name, (1, side, side, 8), "int8", scale=0.1, zero_point=3)
                    for name, side in (("small", 16), ("large", 32)))
    size = Tensor("size", (2,), "int32", np.array([32, 32], np.int32))
    step = Operator("RESIZE_BILINEAR", [small, size], [large], 3, dict(AlignCorners=False, HalfPixelCenters=True))
    (folder / "resize.tflite").write_bytes(serialise([step], [small], [large], "a resize"))
    return folder / "resize.tflite"


def test_resized_halves_are_rounded_as_tflite_rounds_them(tmp_path, rng):
    interpreter_class, _ = tflite.find_interpreter()
    path, small = resize_file(tmp_path), rng.integers(-128, 128, (1, 16, 16, 8), np.int8)
    interpreter = interpreter_class(model_path=str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], small)
    interpreter.invoke()
    graph = ov.Core().read_model(path)
    openvino_graph.round_resizes_up(graph)
    network = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert np.array_equal(network([small])[0], interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


# ---- memory

def test_slots_and_outputs_are_shared_not_copied(lightning):
    ring = FrameRing(192, 192)
    backend = opened(lightning, ring)
    for slot in ring.slots:
        backend.infer(slot)
        assert backend._request.get_input_tensor().data.ctypes.data == slot.tensor.ctypes.data
    for name, output in zip(lightning.outputs, backend.outputs):
        assert backend._request.get_tensor(name).data.ctypes.data == output.ctypes.data


def test_slots_of_the_ring_are_bound_before_the_first_frame(lightning):
    ring = FrameRing(192, 192)
    backend = opened(lightning, ring)
    assert set(backend._inputs) == set(ring.slots)


# ---- settings

def ignored_and_caught():
    """The kernel's own list of what this process does with signals."""
    with open("/proc/self/status") as status:
        return [line for line in status if line.startswith(("SigIgn", "SigCgt"))]


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux' /proc")
def test_asking_for_devices_leaves_the_signals_alone():
    openvino.find_devices()  # sets up Python's own handlers and OpenVINO's, if any
    before = ignored_and_caught()
    openvino.find_devices()
    opened_device = openvino.OpenvinoBackend(device="AUTO")
    assert ignored_and_caught() == before and opened_device.device
    assert int(before[0].split()[1], 16) >> (signal.SIGXFSZ - 1) & 1  # a full disk is an error, not the end


def test_settings_reach_the_runtime(lightning):
    network = opened(lightning, threads=2)._request.get_compiled_model()
    found = {name: network.get_property(name) for name in (
        "INFERENCE_NUM_THREADS", "NUM_STREAMS", "ENABLE_CPU_PINNING", "INFERENCE_PRECISION_HINT", "PERFORMANCE_HINT")}
    threads = min(2, machine.n_usable_cores())  # OpenVINO takes no more
    assert (found["INFERENCE_NUM_THREADS"], int(found["NUM_STREAMS"])) == (threads, 1)
    assert found["ENABLE_CPU_PINNING"] is False
    assert found["INFERENCE_PRECISION_HINT"] == ov.Type.f32 and "LATENCY" in str(found["PERFORMANCE_HINT"])


def test_pinning_is_switched_on_request(lightning):
    network = opened(lightning, pin_threads=True)._request.get_compiled_model()
    assert network.get_property("ENABLE_CPU_PINNING") is True


def test_threads_stay_on_the_cores_of_the_process(lightning, slot):
    before = os.sched_getaffinity(0)
    opened(lightning).infer(slot)
    assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize("settings, word", [
    ({"device": "FPGA"}, "device 'FPGA' is not here; OpenVINO finds .*CPU"), ({"precision": "i4"}, "f32, f16, bf16")])
def test_wrong_setting_lists_what_there_is(settings, word):
    with pytest.raises(ConfigError, match=word):
        backends.create("openvino", **settings)


@pytest.mark.parametrize("found, taken", [(["CPU"], "CPU"), (["CPU", "GPU"], "GPU"),
                                          (["CPU", "GPU.0", "GPU.1"], "GPU.0")])
def test_auto_device_prefers_a_gpu(found, taken):
    from types import SimpleNamespace

    from edgepose.backends import openvino

    assert openvino._find_device(SimpleNamespace(available_devices=found), "AUTO") == taken


def test_package_tells_device_and_precision():
    backend = backends.create("openvino", device="auto", precision="bf16")
    assert backend.package.startswith("openvino 2") and backend.package.endswith("at bf16")


def test_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openvino", None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'edgepose\[openvino\]'"):
        backends.create("openvino")


def test_old_package_is_refused(monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", lambda package: "2025.3.1")
    with pytest.raises(BackendUnavailable, match=r"openvino 2025.3.1 is too old; pip install 'edgepose\[openvino\]'"):
        backends.create("openvino")


# ---- faults

def test_fault_while_running_is_one_line_with_the_frame(lightning):
    backend, wrong = opened(lightning), Slot(96, 96)
    wrong.seq = 41
    with pytest.raises(BackendError, match="failed on frame 41: .+") as caught:
        backend.infer(wrong)
    assert len(str(caught.value).splitlines()) == 1


def test_ir_that_is_not_the_manifests_is_refused(lightweight):
    only = tuple(file for file in lightweight.files if file.format == "openvino-ir")
    wrong = {"paf": replace(lightweight.outputs["paf"], shape=(32, 57, 40))}
    with pytest.raises(ModelError, match="no output 'paf' of shape .*Mconv7_stage2_L1"):
        opened(replace(lightweight, files=only, outputs=wrong))


def test_model_without_a_file_for_it_names_those_it_takes(lightning):
    file = replace(lightning.files[0], format="onnx")
    with pytest.raises(ModelError, match="openvino-ir or tflite; it has onnx"):
        opened(replace(lightning, files=(file,)))


# ---- networks kept for the next start

def test_second_start_compiles_nothing_and_gives_the_same_bits(own, compiled, lightning, rng, slot):
    slot.tensor[:] = rng.integers(0, 256, slot.tensor.shape)
    first, second = (next(answers(opened(lightning), [slot])) for _ in range(2))
    assert len(compiled) == 1 and all(np.array_equal(a, b) for a, b in zip(first, second))


def test_damaged_network_is_compiled_again_and_mended(own, compiled, lightning):
    opened(lightning)
    kept, = own.glob("*.network")
    for n, damage in enumerate((
            lambda data: data[:-1000], lambda data: b"", lambda data: b"text" * 1000,
            lambda data: data[:1500000] + bytes([data[1500000] ^ 1]) + data[1500001:]), 2):
        kept.write_bytes(damage(kept.read_bytes()))
        for _ in range(2):
            opened(lightning)
            assert len(compiled) == n
    cache.write_sealed(kept, b"whole, but not a network")
    opened(lightning)
    assert len(compiled) == n + 1


def test_network_of_another_version_cpu_or_setting_is_not_used(own, compiled, lightning, monkeypatch):
    monkeypatch.setattr(machine, "has_int8_dot_products", lambda: True)
    opened(lightning)
    for n, (place, name, value) in enumerate((
            (edgepose, "__version__", "9.9"), (openvino_kept, "core_version", lambda core: "2031.1"),
            (machine, "has_int8_dot_products", lambda: False)), 2):
        with monkeypatch.context() as changed:
            changed.setattr(place, name, value)
            opened(lightning)
        opened(lightning)
        assert len(compiled) == n
    opened(lightning, threads=2)
    assert len(compiled) == n + 1


def test_unwritable_cache_does_not_stop_the_start(monkeypatch, tmp_path, lightning, slot):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    backend = opened(lightning)
    backend.infer(slot)
    assert backend.outputs[0].any()


def test_only_the_newest_networks_are_kept(own, monkeypatch, lightning):
    monkeypatch.setattr(openvino_kept, "N_KEPT", 1)
    for threads in (1, 2):
        opened(lightning, threads=threads)
    assert len(list(own.glob("*"))) == 1
