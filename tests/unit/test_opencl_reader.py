"""Files that the OpenCL backend reads, and those that it refuses, each by name."""

from types import SimpleNamespace

import numpy as np
import pytest

from edgepose.backends.opencl import reader
from edgepose.errors import BackendUnavailable, ModelError
from tests.opencl_graphs import GraphFile

pytest.importorskip("tflite", reason="reads .tflite files; pip install 'edgepose[opencl]'")
pytest.importorskip("flatbuffers", reason="writes .tflite files; pip install 'edgepose[opencl]'")


@pytest.fixture
def graph(rng):
    return GraphFile(rng, (1, 6, 7, 5))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "graph.tflite"


def change(graph, name, **fields):
    """Replace fields of the tensors of a name."""
    order = ("name", "shape", "dtype", "scales", "zero_point", "data", "signature")
    graph.tensors = [tuple(fields.get(key, value) for key, value in zip(order, tensor)) if tensor[0] == name else tensor
                     for tensor in graph.tensors]


def test_convolution_is_read_whole(graph, path):
    x = graph.convolution(graph.input, 9, 3, 2, activation=3)
    read = reader.read(graph.write(path, x))
    (operation,) = read.operations
    assert operation.kind == "CONV_2D" and operation.output is read.outputs[0] and operation.inputs[0] is read.inputs[0]
    assert operation.options == {"stride": (2, 2), "dilation": (1, 1), "same": True, "activation": "relu6"}
    assert np.array_equal(operation.inputs[1].data, graph.tensors[1][5])
    assert operation.output.shape == (1, 3, 4, 9) and operation.output.zero_point == -7


def test_shipped_model_is_read(lightning):
    read = reader.read(lightning.file("tflite"))
    assert {tensor.name for tensor in read.outputs} == set(lightning.outputs) and len(read.operations) == 91


def test_unknown_operation_is_named(graph, path):
    x = graph.like("HARD_SWISH", [graph.input])
    with pytest.raises(ModelError, match=r"graph.tflite: operation HARD_SWISH is not known .* take backend tflite"):
        reader.read(graph.write(path, x))


def test_dynamic_shape_is_refused(graph, path):
    x = graph.convolution(graph.input, 9)
    change(graph, "input", signature=(1, -1, -1, 5))
    with pytest.raises(ModelError, match="tensor input has a dynamic shape"):
        reader.read(graph.write(path, x))


@pytest.mark.parametrize("name", ["input", "filter", "bias"])
def test_missing_quantisation_is_refused(graph, path, name):
    x = graph.convolution(graph.input, 9)
    change(graph, name, scales=())
    with pytest.raises(ModelError, match=f"{name} .*(no quantisation|with 0 scales)"):
        reader.read(graph.write(path, x))


def test_float_file_is_refused(graph, path):
    x = graph.convolution(graph.input, 9)
    change(graph, f"output{x}", dtype="float32")
    with pytest.raises(ModelError, match="is float32; backend opencl runs full-int8 files"):
        reader.read(graph.write(path, x))


@pytest.mark.parametrize("n_kept", [0, 3, 7, 8, 40, 200, 0.5, 0.9, 0.99])
def test_truncated_file_is_refused(graph, path, n_kept):
    graph.write(path, graph.convolution(graph.input, 90, 3))
    whole = path.read_bytes()
    path.write_bytes(whole[:int(n_kept if n_kept > 1 else n_kept * len(whole))])
    with pytest.raises(ModelError, match=r"graph.tflite"):
        reader.read(path)


def test_random_damage_is_a_model_error_or_nothing(graph, path, rng):
    graph.write(path, graph.convolution(graph.input, 9, 3))
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    n_refused = 0
    for _ in range(300):
        damaged = whole.copy()
        damaged[rng.integers(8, len(whole), 8)] = rng.integers(0, 256, 8)
        path.write_bytes(damaged.tobytes())
        try:
            reader.read(path)
        except ModelError:
            n_refused += 1
    assert n_refused > 30


def test_unlike_parts_of_a_concatenation_are_refused(graph, path):
    parts = [graph.convolution(graph.input, 4, scale=scale) for scale in (0.1, 0.2)]
    x = graph.like("CONCATENATION", parts, (1, 6, 7, 8), 0.1, -7, "ConcatenationOptions", Axis=3)
    with pytest.raises(ModelError, match="parts of a concatenation with different quantisations"):
        reader.read(graph.write(path, x))


def test_change_of_scale_is_refused(graph, path):
    x = graph.like("QUANTIZE", [graph.input], scale=0.3, table="QuantizeOptions")
    with pytest.raises(ModelError, match="changes the zero point of a value, not its scale"):
        reader.read(graph.write(path, x))


def test_scales_too_far_apart_to_add_are_refused(graph, path):
    x = graph.like("ADD", [graph.input, graph.input], scale=0.05 / 300, table="AddOptions")
    with pytest.raises(ModelError, match="scales are so far apart"):
        reader.read(graph.write(path, x))


def test_missing_package_says_what_to_install(monkeypatch, lightning):
    for module in reader.SCHEMAS:
        monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'edgepose\[opencl\]'"):
        reader.read(lightning.file("tflite"))


@pytest.mark.parametrize("make", [
    lambda graph: graph.convolution(graph.input, 9, 3, 2), lambda graph: graph.resize(graph.input, 4, 4),
    lambda graph: graph.like("ELU", [graph.input]), lambda graph: graph.pad(graph.input, 1, 1, 1, 1)])
def test_output_of_another_shape_than_its_inputs_give_is_refused(graph, path, make):
    x = make(graph)
    change(graph, f"output{x}", shape=(1, 4, 400, 9))
    with pytest.raises(ModelError, match=r"damaged: .* has shape \[1, 4, 400, 9\]; its inputs give \[1, "):
        reader.read(graph.write(path, x))


@pytest.mark.parametrize("module", reader.SCHEMAS)
def test_every_schema_reads_the_same(monkeypatch, lightning, module):
    pytest.importorskip(module)
    described = []
    for schemas in (reader.SCHEMAS[-1:], (module,)):
        monkeypatch.setattr(reader, "SCHEMAS", schemas)
        found = reader.read(lightning.file("tflite"))
        described.append([(operation.kind, operation.options, [(x.name, x.shape, x.dtype) for x in operation.inputs])
                          for operation in found.operations])
    assert described[0] == described[1]


def test_schema_of_another_make_is_passed_over(monkeypatch, lightning):
    monkeypatch.setitem(__import__("sys").modules, reader.SCHEMAS[0], SimpleNamespace(Model=object))
    assert reader.read(lightning.file("tflite")).operations
