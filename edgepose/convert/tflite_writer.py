"""Serialise tensors and operators into a TensorFlow Lite flatbuffer.

Knows the file format and nothing of quantisation. The same tensors and operators give the same bytes.
"""

from dataclasses import dataclass, field

import numpy as np

from edgepose.convert.flatbuffer import Builder
from edgepose.convert.tflite_schema import IDENTIFIER, OPERATORS, OPTIONS, SCHEMA_VERSION, TABLES, TYPES

DATA_ALIGNMENT = 16


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
    """One operation over tensors, with its version and options by the schema's field names."""

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
    builder = Builder()
    tensors = collect(operators, inputs)
    codes = sorted({(op.kind, op.version) for op in operators})
    parts = dict(
        Description=builder.string(description),
        OperatorCodes=builder.tables([write_code(builder, *code) for code in codes]),
        Subgraphs=builder.tables([write_subgraph(builder, operators, tensors, inputs, outputs, codes)]),
        Buffers=builder.tables(write_buffers(builder, tensors)),
    )
    return builder.finish(table(builder, "Model", Version=SCHEMA_VERSION, **parts), IDENTIFIER)


def collect(operators, inputs):
    """Every tensor once, in order of first use."""
    found = dict.fromkeys(inputs)
    for op in operators:
        found.update(dict.fromkeys(op.inputs + op.outputs))
    return list(found)


def table(builder, kind, **fields):
    """Write one flatbuffer table; field names are the schema's, in CamelCase."""
    known = TABLES[kind]
    return builder.table([(*known[name][:2], value, known[name][2]) for name, value in fields.items()])


def write_code(builder, kind, version):
    """One operator code, with the byte that old readers look at."""
    code = OPERATORS[kind][0]
    return table(builder, "OperatorCode", BuiltinCode=code, DeprecatedBuiltinCode=min(code, 127), Version=version)


def write_buffers(builder, tensors):
    """One buffer a tensor, 16-byte aligned, after the empty first one."""
    return [table(builder, "Buffer")] + [write_buffer(builder, tensor) for tensor in tensors]


def write_buffer(builder, tensor):
    """A tensor's constant data, or an empty buffer."""
    if tensor.data is None:
        return table(builder, "Buffer")
    data = as_bytes(tensor.data, tensor.dtype)
    return table(builder, "Buffer", Data=builder.vector(data, len(data), DATA_ALIGNMENT))


def as_bytes(values, dtype):
    """The values as little-endian bytes."""
    return np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).tobytes()


def vector(builder, values, dtype):
    """Write a vector of numbers."""
    data = as_bytes(values, dtype)
    return builder.vector(data, len(values), np.dtype(dtype).itemsize)


def write_subgraph(builder, operators, tensors, inputs, outputs, codes):
    """The one subgraph."""
    index = {tensor: i for i, tensor in enumerate(tensors)}
    parts = dict(
        Tensors=builder.tables([write_tensor(builder, tensor, index[tensor] + 1) for tensor in tensors]),
        Inputs=indices(builder, index, inputs),
        Outputs=indices(builder, index, outputs),
        Operators=builder.tables([write_operator(builder, op, index, codes) for op in operators]),
        Name=builder.string("main"),
    )
    return table(builder, "SubGraph", **parts)


def indices(builder, index, tensors):
    """A vector of tensor numbers."""
    return vector(builder, [index[tensor] for tensor in tensors], "int32")


def write_tensor(builder, tensor, buffer):
    """Name, shape, type and quantisation."""
    parts = dict(
        Name=builder.string(tensor.name),
        Shape=vector(builder, tensor.shape, "int32"),
        Type=TYPES[tensor.dtype],
        Buffer=buffer,
    )
    if tensor.scale is not None:
        parts["Quantization"] = write_quantisation(builder, tensor)
    return table(builder, "Tensor", **parts)


def write_quantisation(builder, tensor):
    """Scales and zero points."""
    scale = np.atleast_1d(tensor.scale)
    zero_point = np.full(scale.shape, tensor.zero_point)
    parts = dict(Scale=vector(builder, scale, "float32"), ZeroPoint=vector(builder, zero_point, "int64"))
    return table(builder, "QuantizationParameters", **parts, QuantizedDimension=tensor.axis)


def write_operator(builder, op, index, codes):
    """One operator with its options."""
    return table(
        builder,
        "Operator",
        Inputs=indices(builder, index, op.inputs),
        Outputs=indices(builder, index, op.outputs),
        OpcodeIndex=codes.index((op.kind, op.version)),
        **write_options(builder, op),
    )


def write_options(builder, op):
    """The options table of an operator and its code; nothing for an operator without options."""
    kind = OPERATORS[op.kind][1]
    if kind is None:
        return {}
    return dict(BuiltinOptionsType=OPTIONS[kind], BuiltinOptions=table(builder, kind, **op.options))
