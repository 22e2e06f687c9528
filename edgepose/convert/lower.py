"""From layers and grids to TensorFlow Lite operators."""

import numpy as np

from edgepose.convert.grids import LOWEST
from edgepose.convert.requantise import requantise
from edgepose.convert.tflite_schema import ACTIVATION, PADDING
from edgepose.convert.tflite_writer import Operator, Tensor
from edgepose.errors import ModelError

VERSIONS = {"QUANTIZE": 1, "CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "ELU": 1, "ADD": 2, "CONCATENATION": 2, "PAD": 2}


def lower(layers, grids, height, width):
    """(operators, {layer: its int8 Tensor}); the first operator's input is the uint8 picture.

    Parameters
    ----------
    layers : in running order, the input first
    grids : {layer: Grid}
    height, width : of the picture, px
    """
    operators, tensors = [], {}
    for layer in layers:
        inputs = [tensors[part] for part in layer.inputs]
        shape = _shape(layer, inputs, height, width)
        tensors[layer] = _tensor(layer.name, shape, grids[layer])
        operators += _KINDS[layer.kind](layer, inputs, tensors[layer], grids)
    return operators, tensors


def _tensor(name, shape, grid):
    return Tensor(name, shape, "int8", scale=grid.scale, zero_point=grid.zero_point)


def _shape(layer, inputs, height, width):
    """(1, height, width, channels) of a layer's result."""
    if layer.kind == "input":
        return 1, height, width, 3
    _, rows, columns, _ = inputs[0].shape
    if layer.kind == "concat":
        return 1, rows, columns, sum(tensor.shape[3] for tensor in inputs)
    if layer.kernel is None:
        return inputs[0].shape
    stride = layer.kernel.stride
    return 1, rows // stride, columns // stride, layer.kernel.values.shape[0]


def _operator(kind, inputs, output, **options):
    return Operator(kind, inputs, [output], VERSIONS[kind], options)


def _input(layer, inputs, output, grids):
    """The picture as uint8, stored 128 higher than the network's int8 input."""
    picture = Tensor("input", output.shape, "uint8", scale=output.scale, zero_point=output.zero_point - LOWEST)
    return [_operator("QUANTIZE", [picture], output)]


def _weighted(layer, inputs, output, grids):
    """A convolution; with a stride its padding is a layer of its own, since the runtime would pad at the other end."""
    kernel, source = layer.kernel, inputs[0]
    before, padding = [], "same" if kernel.pad else "valid"
    if kernel.pad and kernel.stride > 1:
        before, source, padding = *_padded(layer, source), "valid"
    depthwise = layer.kind == "depthwise"
    options = dict(Padding=PADDING[padding], StrideW=kernel.stride, StrideH=kernel.stride,
                   **(dict(DepthMultiplier=1) if depthwise else {}),
                   FusedActivationFunction=ACTIVATION["relu" if layer.relu else "none"],
                   DilationWFactor=kernel.dilation, DilationHFactor=kernel.dilation)
    kind = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    return [*before, _operator(kind, [source, *_constants(layer, grids, inputs[0])], output, **options)]


def _padded(layer, source):
    """([operator], padded tensor): zeros above and left, and below and right as far as the last step reaches."""
    pad, stride, size = layer.kernel.pad, layer.kernel.stride, layer.kernel.values.shape[-1]
    _, rows, columns, channels = source.shape
    ends = [max(0, (n // stride - 1) * stride + size - pad - n) for n in (rows, columns)]
    amounts = np.array([[0, 0], [pad, ends[0]], [pad, ends[1]], [0, 0]], np.int32)
    shape = (1, rows + pad + ends[0], columns + pad + ends[1], channels)
    padded = Tensor(layer.name + "/padded", shape, "int8", scale=source.scale, zero_point=source.zero_point)
    return [_operator("PAD", [source, Tensor(layer.name + "/padding", (4, 2), "int32", amounts)], padded)], padded


def _constants(layer, grids, source):
    """Kernel and bias as tensors, in the runtime's order of axes."""
    stored = requantise(layer, grids[layer.inputs[0]], grids[layer])
    depthwise = layer.kind == "depthwise"
    values = stored.values.transpose((1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
    bias_scale = stored.scale * np.float32(source.scale)
    return [Tensor(layer.name + "/kernel", values.shape, "int8", values, stored.scale, axis=3 if depthwise else 0),
            Tensor(layer.name + "/bias", stored.bias.shape, "int32", stored.bias, bias_scale)]


def _elu(layer, inputs, output, grids):
    _check_plain(layer, grids)
    return [_operator("ELU", inputs, output)]


def _add(layer, inputs, output, grids):
    _check_plain(layer, grids)
    return [_operator("ADD", inputs, output, FusedActivationFunction=ACTIVATION["relu" if layer.relu else "none"])]


def _concat(layer, inputs, output, grids):
    return [_operator("CONCATENATION", inputs, output, Axis=3, FusedActivationFunction=ACTIVATION["none"])]


def _check_plain(layer, grids):
    """A layer without weights cannot take up what a tensor is worth beyond what the file says."""
    if not all(grids[tensor].plain for tensor in (*layer.inputs, layer)):
        raise ModelError(f"layer {layer.name} of kind {layer.kind}: its tensors would need one scale for all channels")


_KINDS = {"input": _input, "conv": _weighted, "depthwise": _weighted, "elu": _elu, "add": _add, "concat": _concat}
