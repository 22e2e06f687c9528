"""The publisher's network, converted: the pinned bytes, and every layer against OpenVINO computing the IR in f32."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgepose import model
from edgepose.convert import check, grids, openpose
from tests import convert_oracle

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = ("lightweight-openpose", "lightweight-openpose-large")
ROUNDED_ANEW = "relu/Mconv1_stage2_L1/sq"  # behind the concatenation: its weights are rounded a second time


@pytest.fixture(scope="module")
def published():
    """Paths of the publisher's .xml and .bin."""
    mirror = Path(os.environ.get("EDGEPOSE_MODEL_MIRROR") or ROOT.parent / "shared" / "models")
    files = [mirror / file.address for file in model.load(MODELS[0]).files if file.address]
    if not all(file.is_file() for file in files):
        pytest.skip(f"the publisher's files are not below {mirror}; set EDGEPOSE_MODEL_MIRROR to a folder with them")
    return files


@pytest.mark.parametrize("name", MODELS)
def test_conversion_gives_the_pinned_bytes(published, name):
    pinned = model.load(name)
    data = openpose.convert(*published, pinned.input.height, pinned.input.width)
    assert (len(data), hashlib.sha256(data).hexdigest()) == (pinned.files[0].size_bytes, pinned.files[0].sha256)


@pytest.mark.parametrize("name", MODELS)
def test_manifest_says_what_the_file_says(published, name, tmp_path):
    pytest.importorskip("ai_edge_litert")
    from edgepose.backends.tflite import find_interpreter

    pinned = model.load(name)
    (tmp_path / "a.tflite").write_bytes(openpose.convert(*published, pinned.input.height, pinned.input.width))
    interpreter = find_interpreter()[0](model_path=str(tmp_path / "a.tflite"))
    taken = interpreter.get_input_details()[0]
    assert list(taken["shape"]) == [1, pinned.input.height, pinned.input.width, 3] and taken["dtype"] == np.uint8
    assert taken["quantization"] == (np.float32(pinned.input.scale), pinned.input.zero_point)
    for entry, (output, said) in zip(interpreter.get_output_details(), pinned.outputs.items()):
        assert entry["name"] == output and tuple(entry["shape"]) == (1, *said.shape) and entry["dtype"] == np.int8
        assert entry["quantization"] == (np.float32(said.scale), said.zero_point)


def test_every_constant_is_the_ir_s(published):
    network = openpose.recognise(*published)
    stored = grids.assign(network, openpose.RANGES)
    data = openpose.assemble(network, stored, 256, 456, openpose.RANGES)
    found = {difference.name: difference for difference in check.check(data, network, stored)}
    assert len(found) == 58 and max(difference.bias_steps for difference in found.values()) < 0.51
    assert [name for name, difference in found.items() if difference.weights_steps > 1e-4] == [ROUNDED_ANEW]


def test_pull_stays_under_500_mb(published):
    pinned = model.load(MODELS[1]).input
    code = ("from edgepose.convert import openpose\n"
            f"openpose.convert({str(published[0])!r}, {str(published[1])!r}, {pinned.height}, {pinned.width})\n"
            "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])")  # ru_maxrss has the parent's peak
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and int(done.stdout) < 500_000, done.stderr


# ---- layer by layer

def pieces(path, height, width):
    """(OpenVINO's network cut at every quantised tensor, names of these tensors, names of all results).

    Its parameters are the picture and what follows each tensor's FakeQuantize, its results the heads and what stands
    before each: so every layer can be given our inputs, and no error is handed on.
    """
    import openvino as ov
    from openvino import opset13 as opset

    core = ov.Core()
    graph = core.read_model(path)
    graph.reshape([1, 3, height, width])
    cuts, results = {}, list(graph.get_results())
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "FakeQuantize":
            before, after = node.input_value(0), node.output(0)
            start = opset.parameter(after.partial_shape, after.element_type)
            results.append(opset.result(before))
            for place in list(after.get_target_inputs()):
                place.replace_source_output(start.output(0))
            cuts[before.get_node().get_friendly_name()] = start
    names = [result.input_value(0).get_node().get_friendly_name() for result in results]
    cut = ov.Model(results, [*graph.get_parameters(), *cuts.values()])
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    return core.compile_model(cut, "CPU", settings), list(cuts), names


def picture_of(kind, request, height, width):
    """A random picture, or a real one."""
    if kind == "random":
        return np.random.default_rng(4).integers(0, 256, (height, width, 3), dtype=np.uint8)
    from PIL import Image

    file = request.getfixturevalue("data") / "coco-dev" / "images" / "000000001000.jpg"
    return np.asarray(Image.open(file).convert("RGB").resize((width, height)))[:, :, ::-1].copy()


@pytest.mark.parametrize("kind", ["random", "real"])
def test_every_layer_computes_what_the_ir_means(published, request, kind):
    pytest.importorskip("openvino")
    pytest.importorskip("ai_edge_litert")
    network = openpose.recognise(*published)
    stored = grids.assign(network, openpose.RANGES)
    picture = picture_of(kind, request, 64, 80)
    values = convert_oracle.tensors(network, stored, picture)
    layers = {layer.name: layer for layer in network}
    real = {name: convert_oracle.real(stored[layer], values[layer]) for name, layer in layers.items()}
    real["data/mean/Fused_Add_"] = real["data"]
    compiled, cuts, results = pieces(str(published[0]), *picture.shape[:2])
    inputs = [picture.astype(np.float64), *(real[name] for name in cuts)]
    outputs = compiled([np.ascontiguousarray(value.transpose(2, 0, 1)[None], np.float32) for value in inputs])
    wanted = {openpose.HEADS.get(name, name): outputs[i][0].transpose(1, 2, 0) for i, name in enumerate(results)}
    compared = [layer for layer in network if layer.name in wanted]
    assert len(compared) == 64  # 50 convolutions with a range or a head, 8 units, 6 sums
    for layer in compared:
        away = convert_oracle.steps_away(stored[layer], values[layer], wanted[layer.name])
        bound = 3 if layer.name == ROUNDED_ANEW else 2 if layer.kind == "elu" else 1
        assert away.max() < bound, f"{layer.name} is {away.max():.2f} steps away"
