"""Read a TensorFlow Lite flatbuffer with one subgraph back into tensors and operators."""

import struct
from types import SimpleNamespace

import numpy as np

from edgepose.convert.flatbuffer import NUMBERS, Table
from edgepose.convert.tflite_schema import IDENTIFIER, OPERATORS, TABLES, TYPES
from edgepose.convert.tflite_writer import Operator, Tensor

_KINDS = {code: kind for kind, (code, _) in OPERATORS.items()}
_DTYPES = {code: dtype for dtype, code in TYPES.items()}


def read(data):
    """(operators, inputs, outputs) of a file of `tflite_writer.serialise`.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    ValueError : it is no such file, is cut short, or has an operator that our models do not use
    """
    if data[4:8] != IDENTIFIER:
        raise ValueError("not a .tflite file")
    try:
        return _read(data)
    except (KeyError, IndexError, struct.error, AttributeError, TypeError) as error:
        raise ValueError(f"not one of our .tflite files: {type(error).__name__}: {error}") from error


def _read(data):
    model = _fields("Model", Table(data, int.from_bytes(data[:4], "little")))
    graph = _fields("SubGraph", model.Subgraphs[0])
    buffers = [_fields("Buffer", entry).Data for entry in model.Buffers]
    tensors = [_tensor(_fields("Tensor", entry), buffers) for entry in graph.Tensors]
    codes = [_fields("OperatorCode", entry) for entry in model.OperatorCodes]
    operators = [_operator(_fields("Operator", entry), codes, tensors) for entry in graph.Operators]
    return operators, [tensors[i] for i in graph.Inputs], [tensors[i] for i in graph.Outputs]


def _fields(kind, table):
    """All fields of a table by name, defaults filled in."""
    return SimpleNamespace(**{name: _field(table, *entry) for name, entry in TABLES[kind].items()})


def _field(table, number, type, default):
    if type in NUMBERS:
        value = table.number(number, type)
        return default if value is None else value
    if type in ("table", "tables"):
        return getattr(table, type)(number)
    found = table.vector(number, 1 if type == "string" else np.dtype(type).itemsize)
    if found is None:
        return None
    return found[2].decode() if type == "string" else np.frombuffer(found[2], type, found[1])


def _tensor(entry, buffers):
    dtype, shape = _DTYPES[entry.Type], tuple(int(n) for n in entry.Shape)
    data = buffers[entry.Buffer]
    tensor = Tensor(entry.Name, shape, dtype, None if data is None else data.view(dtype).reshape(shape))
    if entry.Quantization is not None:
        stored = _fields("QuantizationParameters", entry.Quantization)
        tensor.scale, tensor.zero_point, tensor.axis = stored.Scale, int(stored.ZeroPoint[0]), stored.QuantizedDimension
    return tensor


def _operator(entry, codes, tensors):
    code = codes[entry.OpcodeIndex]
    kind = _KINDS[code.BuiltinCode]
    table = OPERATORS[kind][1]
    options = vars(_fields(table, entry.BuiltinOptions)) if table else {}
    inputs, outputs = ([tensors[i] for i in numbers] for numbers in (entry.Inputs, entry.Outputs))
    return Operator(kind, inputs, outputs, code.Version, options)
