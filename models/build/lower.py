"""Lower a layer graph to TensorFlow Lite operators, as float32 or as full int8."""

import checkout  # noqa: F401
import numpy as np
from graph import shapes

from edgepose.convert.tflite_schema import ACTIVATION, PADDING
from edgepose.convert.tflite_writer import Operator, Tensor, serialise

KINDS = {
    "conv": "CONV_2D",
    "depthwise": "DEPTHWISE_CONV_2D",
    "add": "ADD",
    "resize": "RESIZE_BILINEAR",
    "concat": "CONCATENATION",
}
INT8_VERSIONS = {"conv": 3, "depthwise": 3, "add": 2, "resize": 3, "concat": 2}
FLOAT_VERSIONS = {"conv": 1, "depthwise": 1, "add": 1, "resize": 3, "concat": 1}
CHANNEL_AXIS = {"conv": 0, "depthwise": 3}


def write_float(graph, description, outputs=None):
    """The bytes of the float32 model; `outputs` may name inner tensors too."""
    tensors = {name: Tensor(name, shape, "float32") for name, shape in shapes(graph).items()}
    operators = [operator(layer, tensors, float_constants(layer), FLOAT_VERSIONS) for layer in graph.layers]
    wanted = [tensors[name] for name in outputs or graph.outputs]
    return serialise(operators, [tensors[graph.input]], wanted, description)


def write_int8(graph, scheme, description):
    """The bytes of the full int8 model: uint8 in, int8 out.

    Parameters
    ----------
    graph : Graph
    scheme : quantise.Scheme of that graph
    """
    tensors = {name: int8_tensor(name, shape, scheme) for name, shape in shapes(graph).items()}
    pixels = input_tensor(tensors[graph.input])
    operators = [Operator("QUANTIZE", [pixels], [tensors[graph.input]])]
    for layer in graph.layers:
        operators.append(operator(layer, tensors, int8_constants(layer, scheme), INT8_VERSIONS))
    return serialise(operators, [pixels], [tensors[name] for name in graph.outputs], description)


def int8_tensor(name, shape, scheme):
    """An activation with its scale and zero point."""
    affine = scheme.activations[name]
    return Tensor(name, shape, "int8", scale=affine.scale, zero_point=affine.zero_point)


def input_tensor(quantised):
    """The uint8 twin of the first int8 tensor."""
    return Tensor("input", quantised.shape, "uint8", scale=quantised.scale, zero_point=quantised.zero_point + 128)


def operator(layer, tensors, constants, versions):
    """One operator for one layer."""
    inputs = [tensors[name] for name in layer.inputs] + constants
    return Operator(KINDS[layer.kind], inputs, [tensors[layer.name]], versions[layer.kind], options(layer))


def options(layer):
    """The builtin options of a layer, by the schema's field names."""
    if layer.kind == "resize":
        return dict(AlignCorners=False, HalfPixelCenters=True)
    fused = dict(FusedActivationFunction=ACTIVATION[layer.activation])
    if layer.kind == "concat":
        return fused | dict(Axis=3)
    return fused | (conv_options(layer) if layer.has_weights else {})


def conv_options(layer):
    """Padding, strides, dilation and, for a depthwise layer, the multiplier."""
    found = dict(
        Padding=PADDING[layer.padding],
        StrideW=layer.stride,
        StrideH=layer.stride,
        DilationWFactor=layer.dilation,
        DilationHFactor=layer.dilation,
    )
    return found | (dict(DepthMultiplier=1) if layer.kind == "depthwise" else {})


def float_constants(layer):
    """Kernel and bias, or the size of a resize."""
    if not layer.has_weights:
        return size_constant(layer)
    return [
        Tensor(layer.name + "/kernel", layer.weights.shape, "float32", layer.weights),
        Tensor(layer.name + "/bias", layer.bias.shape, "float32", layer.bias),
    ]


def int8_constants(layer, scheme):
    """Quantised kernel and bias, or the size of a resize."""
    if not layer.has_weights:
        return size_constant(layer)
    kernel = scheme.kernels[layer.name]
    axis = CHANNEL_AXIS[layer.kind]
    bias_scale = kernel.scale * np.float32(scheme.activations[layer.inputs[0]].scale)
    return [
        Tensor(layer.name + "/kernel", kernel.values.shape, "int8", kernel.values, kernel.scale, axis=axis),
        Tensor(layer.name + "/bias", kernel.bias.shape, "int32", kernel.bias, bias_scale),
    ]


def size_constant(layer):
    """The (height, width) that a resize reads."""
    if layer.kind != "resize":
        return []
    return [Tensor(layer.name + "/size", (2,), "int32", np.array(layer.size, np.int32))]
