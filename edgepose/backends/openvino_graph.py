"""A model's file as OpenVINO's graph: uint8 NHWC in, the manifest's int8 heads out, checked before it is compiled."""

import numpy as np
import openvino as ov
from openvino import opset13 as opset

from edgepose.errors import ModelError
from edgepose.model import Output


def read(core, path, model):
    """The ov.Model of a `.tflite` or an IR, with the manifest's input and heads.

    Raises
    ------
    ModelError : its tensors are not what the manifest says
    RuntimeError : OpenVINO cannot read the file
    """
    graph = core.read_model(path)
    if path.suffix == ".xml":
        graph = _with_our_input(graph, model.input)
    heads = [_head(path, graph, name, output) for name, output in model.outputs.items()]
    graph = ov.Model([opset.result(head) for head in heads], graph.get_parameters(), model.name)
    size = model.input
    _compare(path, graph.inputs[0], "input", Output((size.height, size.width, 3), "uint8", size.scale, size.zero_point))
    return graph


def compute_in_float(graph):
    """Let an int8 graph be computed in float32 with the same rounding, for CPUs whose int8 sums overflow.

    OpenVINO computes between two quantisers of 256 levels in int8. A quantiser of 257 levels on the same grid,
    after a clamp that leaves the 257th unused, gives the same values and is too wide for that.

    Notes
    -----
    MoveNet Lightning on a CPU without int8 dot products loses 0.015 of AP in int8 and nothing so (docs/backends.md).
    """
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "FakeQuantize" and node.input_value(0).get_node().get_type_name() != "Constant":
            node.output(0).replace(_widened(node).output(0))
    graph.validate_nodes_and_infer_types()


def round_resizes_up(graph):
    """Let what a resize interpolates be rounded as TFLite does: a half goes up, where OpenVINO goes to the even.

    Twice the size makes sixteenths of a step, and one in thirty a half: a sixty-fourth more decides them.
    """
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "FakeQuantize" and _is_resized(node.input_value(0).get_node()):
            low, high = (node.input_value(i).get_node().get_data().item() for i in (1, 2))
            more = np.float32((high - low) / (node.get_attributes()["levels"] - 1) / 64)
            node.input(0).replace_source_output(opset.add(node.input_value(0), more).output(0))


def _is_resized(node):
    """Whether a value comes from a resize, perhaps with its axes in another order."""
    while node.get_type_name() == "Transpose":
        node = node.input_value(0).get_node()
    return node.get_type_name() == "Interpolate"


def _widened(quantiser):
    """The same quantiser with one level more at its upper end, which no value reaches."""
    low, high, stored_low, stored_high = (quantiser.input_value(i).get_node().get_data() for i in range(1, 5))
    levels = quantiser.get_attributes()["levels"]
    step, stored_step = (high - low) / (levels - 1), (stored_high - stored_low) / (levels - 1)
    if high.size == 1:
        clamped = opset.clamp(quantiser.input_value(0), low.item(), high.item())
    else:
        clamped = opset.minimum(quantiser.input_value(0), opset.constant(high))
    return opset.fake_quantize(clamped, low, high + step, stored_low, stored_high + stored_step, levels + 1)


def _with_our_input(graph, size):
    """Give an IR, float NCHW with levels 0..255 in, the uint8 NHWC input of our `.tflite`."""
    graph.reshape([1, 3, size.height, size.width])
    steps = ov.preprocess.PrePostProcessor(graph)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    return steps.build()


def _head(path, graph, name, output):
    """The port of a head, int8 NHWC in the manifest's quantisation; float ones are quantised."""
    port = _find(path, graph, name, output)
    source = port.get_node().input_value(0)
    if port.get_element_type().is_real():  # an IR's, or one that the network itself goes on with, before 2026.1
        source = _quantised(source, output)
    if list(port.shape) == _channels_first(output):
        source = opset.transpose(source, np.array([0, 2, 3, 1])).output(0)
    source.set_names({name})
    _compare(path, source, name, output)
    _compare_grid(path, source, name, output)
    return source


def _find(path, graph, name, output):
    """The output of a head's name, or the only one of its shape."""
    named = [port for port in graph.outputs if name in port.get_names()]
    alike = [port for port in graph.outputs if list(port.shape) == _channels_first(output)]
    found = named or alike
    if len(found) != 1:
        raise ModelError(f"{path}: no output {name!r} of shape {[1, *output.shape]}; it has {_list(graph)}")
    return found[0]


def _channels_first(output):
    return [1, output.shape[2], *output.shape[:2]]


def _quantised(source, output):
    """The int8 port of a float port."""
    low, high = (np.float32((end - output.zero_point) * output.scale) for end in (-128, 127))
    real = opset.convert(source, "f32")
    stored = opset.fake_quantize(real, low, high, np.float32(-128), np.float32(127), 256)
    return opset.convert(stored, "i8").output(0)


def _compare(path, port, name, expected):
    found, shape = np.dtype(port.get_element_type().to_dtype()).name, [1, *expected.shape]
    if port.get_partial_shape() != ov.PartialShape(shape) or found != expected.dtype:
        raise ModelError(f"{path}: {name} is {found} {port.get_partial_shape()}; the manifest says"
                         f" {expected.dtype} {shape}")


def _compare_grid(path, port, name, expected):
    """Raise ModelError where the step before a head rounds to another scale or zero point."""
    node = port.get_node()
    while node.get_type_name() in ("Transpose", "Convert", "Reshape"):
        node = node.input_value(0).get_node()
    if node.get_type_name() != "FakeQuantize":
        return  # this OpenVINO does not show it
    low, high, stored_low, stored_high = (node.input_value(i).get_node().get_data().ravel()[0] for i in range(1, 5))
    scale = float(high - low) / float(stored_high - stored_low)
    zero_point = round(float(stored_low) - float(low) / scale)
    if abs(scale / expected.scale - 1) > 1e-4 or zero_point != expected.zero_point:
        raise ModelError(f"{path}: {name} has scale {scale:.9g}, zero point {zero_point}; the manifest says scale"
                         f" {expected.scale}, zero point {expected.zero_point}")


def _list(graph):
    return ", ".join("/".join(sorted(port.get_names())) + f" {port.get_partial_shape()}" for port in graph.outputs)
