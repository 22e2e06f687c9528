"""Serialise tensors and operators into a TensorFlow Lite flatbuffer.

Knows the file format and nothing of quantisation: `lower.py` decides what to
write. The same tensors and operators give the same bytes.
"""

from dataclasses import dataclass, field

import flatbuffers
import numpy as np
import tflite

SCHEMA_VERSION = 3
IDENTIFIER = b"TFL3"
TYPES = {"float32": "FLOAT32", "int32": "INT32", "uint8": "UINT8", "int8": "INT8"}
OPTIONS = {
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "ADD": "AddOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "CONCATENATION": "ConcatenationOptions",
    "QUANTIZE": "QuantizeOptions",
}


@dataclass(eq=False)
class Tensor:
    """One tensor; `data` makes it a constant.

    `scale` is None, one number, or one per slice along `axis`; the zero point
    holds for all slices.
    """

    name: str
    shape: tuple
    dtype: str
    data: np.ndarray = None
    scale: np.ndarray = None
    zero_point: int = 0
    axis: int = 0


@dataclass(eq=False)
class Operator:
    """One operation over tensors, with its version and options by field name."""

    kind: str
    inputs: list
    outputs: list
    version: int = 1
    options: dict = field(default_factory=dict)


def serialise(operators, inputs, outputs, description):
    """The bytes of a model with one subgraph.

    Parameters
    ----------
    operators : in running order
    inputs, outputs : Tensors
    description : str, stored in the file

    Returns
    -------
    bytes
    """
    builder = flatbuffers.Builder(1 << 20)
    tensors = collect(operators, inputs)
    codes = sorted({(op.kind, op.version) for op in operators})
    parts = dict(
        Description=builder.CreateString(description),
        OperatorCodes=table_vector(builder, [write_code(builder, *code) for code in codes]),
        Subgraphs=table_vector(builder, [write_subgraph(builder, operators, tensors, inputs, outputs, codes)]),
        Buffers=table_vector(builder, write_buffers(builder, tensors)),
    )
    builder.Finish(table(builder, "Model", Version=SCHEMA_VERSION, **parts), IDENTIFIER)
    return bytes(builder.Output())


def collect(operators, inputs):
    """Every tensor once, in order of first use."""
    found = list(inputs)
    for op in operators:
        found += [tensor for tensor in op.inputs + op.outputs if tensor not in found]
    return found


def table(builder, kind, **fields):
    """Write one flatbuffer table; field names are the schema's, in CamelCase."""
    getattr(tflite, f"{kind}Start")(builder)
    for name, value in fields.items():
        getattr(tflite, f"{kind}Add{name}")(builder, value)
    return getattr(tflite, f"{kind}End")(builder)


def table_vector(builder, offsets):
    """Write a vector of tables."""
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def write_code(builder, kind, version):
    """One operator code, with the byte that old readers look at."""
    code = getattr(tflite.BuiltinOperator, kind)
    return table(builder, "OperatorCode", BuiltinCode=code, DeprecatedBuiltinCode=min(code, 127), Version=version)


def write_buffers(builder, tensors):
    """One buffer a tensor, 16-byte aligned, after the empty first one."""
    return [table(builder, "Buffer")] + [write_buffer(builder, tensor) for tensor in tensors]


def write_buffer(builder, tensor):
    """A tensor's constant data, or an empty buffer."""
    if tensor.data is None:
        return table(builder, "Buffer")
    data = np.ascontiguousarray(tensor.data, tensor.dtype).tobytes()
    builder.StartVector(1, len(data), 16)
    builder.head -= len(data)
    builder.Bytes[builder.head : builder.head + len(data)] = data
    return table(builder, "Buffer", Data=builder.EndVector())


def write_subgraph(builder, operators, tensors, inputs, outputs, codes):
    """The one subgraph."""
    index = {tensor: i for i, tensor in enumerate(tensors)}
    parts = dict(
        Tensors=table_vector(builder, [write_tensor(builder, tensor, index[tensor] + 1) for tensor in tensors]),
        Inputs=indices(builder, index, inputs),
        Outputs=indices(builder, index, outputs),
        Operators=table_vector(builder, [write_operator(builder, op, index, codes) for op in operators]),
        Name=builder.CreateString("main"),
    )
    return table(builder, "SubGraph", **parts)


def indices(builder, index, tensors):
    """A vector of tensor numbers."""
    return builder.CreateNumpyVector(np.array([index[tensor] for tensor in tensors], np.int32))


def write_tensor(builder, tensor, buffer):
    """Name, shape, type and quantisation."""
    parts = dict(
        Name=builder.CreateString(tensor.name),
        Shape=builder.CreateNumpyVector(np.array(tensor.shape, np.int32)),
        Type=getattr(tflite.TensorType, TYPES[tensor.dtype]),
        Buffer=buffer,
    )
    if tensor.scale is not None:
        parts["Quantization"] = write_quantisation(builder, tensor)
    return table(builder, "Tensor", **parts)


def write_quantisation(builder, tensor):
    """Scales and zero points."""
    scale = np.atleast_1d(np.asarray(tensor.scale, np.float32))
    zero_point = np.full(scale.shape, tensor.zero_point, np.int64)
    parts = dict(Scale=builder.CreateNumpyVector(scale), ZeroPoint=builder.CreateNumpyVector(zero_point))
    return table(builder, "QuantizationParameters", **parts, QuantizedDimension=tensor.axis)


def write_operator(builder, op, index, codes):
    """One operator with its options."""
    options = OPTIONS[op.kind]
    return table(
        builder,
        "Operator",
        Inputs=indices(builder, index, op.inputs),
        Outputs=indices(builder, index, op.outputs),
        OpcodeIndex=codes.index((op.kind, op.version)),
        BuiltinOptionsType=getattr(tflite.BuiltinOptions, options),
        BuiltinOptions=table(builder, options, **op.options),
    )
