"""What the OpenCL backend fuses, and that no value stands where another is still needed."""

import pytest

from edgepose.backends.opencl import plan, reader
from edgepose.errors import ModelError
from tests.opencl_graphs import GraphFile

pytest.importorskip("tflite", reason="reads .tflite files; pip install 'edgepose[opencl]'")
pytest.importorskip("flatbuffers", reason="writes .tflite files; pip install 'edgepose[opencl]'")


@pytest.fixture
def graph(rng):
    return GraphFile(rng, (1, 6, 7, 5))


def planned(graph, folder, *outputs):
    return plan.plan(reader.read(graph.write(folder / "graph.tflite", *outputs)))


def kinds(layout):
    return [layer.kind for layer in layout.layers]


def test_shipped_model_has_no_addition_left(lightning):
    layout = plan.plan(reader.read(lightning.file("tflite")))
    assert "add" not in kinds(layout) and len(layout.layers) == 78
    assert layout.arena.n_bytes < 1_600_000


def test_values_that_live_at_one_time_stand_apart(lightning):
    layout = plan.plan(reader.read(lightning.file("tflite")))
    rooms = layout.arena.rooms + layout.arena.outputs
    for number, a in enumerate(rooms):
        for b in rooms[number + 1:]:
            together = a.kept or b.kept or (a.first <= b.last and b.first <= a.last)
            assert not together or a.at + a.n_bytes <= b.at or b.at + b.n_bytes <= a.at
    assert max(room.at + room.n_bytes for room in rooms) <= layout.arena.n_bytes


def test_outputs_stand_side_by_side_in_the_files_order(lightning):
    read = reader.read(lightning.file("tflite"))
    layout, at = plan.plan(read), None
    for place, tensor in zip(layout.outputs, read.outputs):
        assert place.at == (layout.arena.outputs_at if at is None else at) and place.pixel == tensor.shape[3]
        at = place.at + place.n_pixels * place.pixel
    assert at == layout.arena.outputs_at + layout.arena.outputs_n_bytes


def test_table_and_addition_go_into_the_convolution(graph, tmp_path):
    x = graph.convolution(graph.input, 8)
    y = graph.like("ELU", [graph.convolution(x, 8)])
    layout = planned(graph, tmp_path, graph.like("ADD", [x, y], table="AddOptions"))
    assert kinds(layout) == ["convolution", "convolution"]
    last = layout.layers[1]
    assert last.table is not None and last.addition is not None and last.other is layout.layers[0].y


def test_value_that_is_read_twice_is_not_fused_away(graph, tmp_path):
    x = graph.convolution(graph.input, 8)
    y = graph.like("ELU", [x])
    assert kinds(planned(graph, tmp_path, graph.like("ADD", [x, y], table="AddOptions"))) == [
        "convolution", "map", "add"]


def test_output_of_the_network_is_not_fused_away(graph, tmp_path):
    x = graph.convolution(graph.input, 8)
    assert kinds(planned(graph, tmp_path, x, graph.like("ELU", [x]))) == ["convolution", "map"]


def test_parts_are_written_into_their_slices(graph, tmp_path):
    parts = [graph.convolution(graph.input, n, scale=0.1) for n in (3, 8)]
    whole = graph.like("CONCATENATION", parts, (1, 6, 7, 11), 0.1, -7, "ConcatenationOptions", Axis=3)
    layout = planned(graph, tmp_path, graph.convolution(whole, 4))
    assert kinds(layout) == ["convolution"] * 3
    assert [layer.y.offset for layer in layout.layers] == [0, 3, 0] and layout.layers[0].y.writable == 3


def test_padding_goes_into_the_convolution(graph, tmp_path):
    x = graph.convolution(graph.pad(graph.input, 2, 1, 1, 0), 8, 3, same=False)
    (layer,) = planned(graph, tmp_path, x).layers
    assert layer.window.before == (2, 1)


def test_padding_that_no_convolution_reads_is_refused(graph, tmp_path):
    with pytest.raises(ModelError, match="PAD .* take backend tflite"):
        planned(graph, tmp_path, graph.pad(graph.input, 1, 1, 1, 1))


def test_image_gets_the_border_that_its_convolution_reads(rng, tmp_path):
    graph = GraphFile(rng, (1, 12, 16, 3), "uint8", zero_point=128)
    x = graph.like("QUANTIZE", [graph.input], zero_point=0, table="QuantizeOptions")
    layout = planned(graph, tmp_path, graph.convolution(x, 8, 3, 2))
    assert kinds(layout) == ["map", "convolution"] and layout.layers[0].y.border == (0, 1, 0, 1)
    assert layout.layers[1].window.size == (3, 1) and layout.layers[1].x.channels == 9


def test_value_that_is_read_before_it_is_written_is_refused(graph, tmp_path):
    x = graph.convolution(graph.input, 5)
    y = graph.convolution(x, 5)
    graph.operations.reverse()
    with pytest.raises(ModelError, match="damaged: output.* is read before it is written"):
        planned(graph, tmp_path, y)
