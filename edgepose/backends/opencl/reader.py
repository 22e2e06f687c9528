"""Reads a `.tflite` file with the `tflite` package's schema; whatever it cannot run is refused here, by name."""

import functools
import importlib
import struct

import numpy as np

from edgepose.backends.opencl import geometry
from edgepose.backends.opencl import graph as graphs
from edgepose.backends.opencl.graph import Graph, Operation, Tensor
from edgepose.backends.opencl.options import OPTIONS, Unfit
from edgepose.errors import BackendUnavailable, ModelError, first_line

IDENTIFIER = b"TFL3"
#: Modules with the classes that flatbuffers' compiler makes of TFLite's schema. LiteRT's loads in a third of the time
#: of `tflite`, for which every start would wait; `tflite` comes with the extra, so it is always there.
SCHEMAS = ("ai_edge_litert.schema_py_generated", "tflite")
#: What flatbuffers and numpy raise on bytes that are not what they say.
DAMAGE = (struct.error, IndexError, ValueError, TypeError, AttributeError, OverflowError, MemoryError)

def read(path):
    """The Graph of a file.

    Raises
    ------
    ModelError : the file is damaged, or has an operation, a type or a shape that this backend does not run
    BackendUnavailable : the `tflite` package is missing
    """
    schema = _schema()
    try:
        content = path.read_bytes()
        if content[4:8] != IDENTIFIER:
            raise ModelError(f"{path}: not a .tflite file")
        graph = _File(schema, path, content).graph()
        graphs.check(graph)
        geometry.check(graph)
    except ModelError:
        raise
    except DAMAGE as error:
        raise ModelError(f"{path}: damaged: {first_line(error)}") from error
    return graph


def _schema():
    """The first of the SCHEMAS that is here. BackendUnavailable."""
    fault = None
    for module in SCHEMAS:
        try:
            schema = importlib.import_module(module)
        except ImportError as error:
            fault = error
            continue
        if hasattr(schema, "Model") and hasattr(schema.Model, "GetRootAsModel"):  # LiteRT promises nothing of it
            return schema
    raise BackendUnavailable(f"backend opencl cannot read models ({fault}); pip install 'edgepose[opencl]'") from fault


class _File:
    """The first subgraph of one file."""

    def __init__(self, schema, path, content):
        self._schema, self._path = schema, path
        self._model = schema.Model.GetRootAsModel(content, 0)
        if self._model.SubgraphsLength() != 1:
            raise ModelError(f"{path}: has {self._model.SubgraphsLength()} subgraphs; backend opencl runs one")
        self._subgraph, self._tensors = self._model.Subgraphs(0), {}

    def graph(self):
        operations = tuple(self._operation(self._subgraph.Operators(i))
                           for i in range(self._subgraph.OperatorsLength()))
        inputs, outputs = (tuple(self._tensor(self._entry(entries, i)) for i in range(n)) for entries, n in (
            (self._subgraph.Inputs, self._subgraph.InputsLength()),
            (self._subgraph.Outputs, self._subgraph.OutputsLength())))
        return Graph(str(self._path), operations, inputs, outputs)

    @staticmethod
    def _entry(entries, i):
        return int(entries(i))

    def _tensor(self, index):
        """One object for a tensor wherever it is read."""
        if index not in self._tensors:
            if not 0 <= index < self._subgraph.TensorsLength():
                raise ModelError(f"{self._path}: damaged: there is no tensor {index}")
            self._tensors[index] = self._read_tensor(index)
        return self._tensors[index]

    def _read_tensor(self, index):
        raw = self._subgraph.Tensors(index)
        name, shape = raw.Name().decode(), tuple(raw.ShapeAsNumpy().tolist()) if raw.ShapeLength() else ()
        if raw.ShapeSignatureLength() and raw.ShapeSignatureAsNumpy().min() < 0:
            raise ModelError(f"{self._path}: tensor {name} has a dynamic shape; backend opencl runs fixed shapes")
        dtype = self._name_of("TensorType", raw.Type()).lower()
        scales, zero_point = _quantisation(raw.Quantization())
        return Tensor(name, shape, dtype, scales, zero_point, self._data(raw, name, shape, dtype))

    def _data(self, raw, name, shape, dtype):
        """The values of a constant; None for what is computed."""
        buffer = self._model.Buffers(raw.Buffer())
        if not buffer.DataLength():
            return None
        stored = buffer.DataAsNumpy()
        data = (stored if np.dtype(dtype).itemsize == 1 else stored.copy()).view(dtype)  # the file may not be aligned
        if data.size != int(np.prod(shape)):
            raise ModelError(f"{self._path}: damaged: tensor {name} has {data.size} values for shape {list(shape)}")
        return data.reshape(shape)

    def _operation(self, raw):
        code = self._model.OperatorCodes(raw.OpcodeIndex())
        kind = self._name_of("BuiltinOperator", max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))
        if kind not in OPTIONS:
            raise ModelError(f"{self._path}: operation {kind} is not known to backend opencl, which runs"
                             f" {', '.join(OPTIONS)}; take backend tflite")
        numbers = raw.InputsAsNumpy().tolist() if raw.InputsLength() else ()
        inputs = tuple(self._tensor(number) for number in numbers if number >= 0)
        output = self._tensor(int(raw.Outputs(0)))
        try:
            return Operation(kind, inputs, output, OPTIONS[kind](self._options(raw), inputs, output))
        except Unfit as unfit:
            raise ModelError(f"{self._path}: {kind} {output.name}: {unfit}; take backend tflite") from None

    def _options(self, raw):
        """The operation's table of options, or None where it has none."""
        union = raw.BuiltinOptionsType()
        if not union:
            return None
        options = getattr(self._schema, self._name_of("BuiltinOptions", union))()
        options.Init(raw.BuiltinOptions().Bytes, raw.BuiltinOptions().Pos)
        return options

    def _name_of(self, enumeration, value):
        return _names(getattr(self._schema, enumeration)).get(value, str(value))


@functools.cache
def _names(enumeration):
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}


def _quantisation(raw):
    if raw is None or not raw.ScaleLength():
        return np.empty(0, np.float32), 0
    points = raw.ZeroPointAsNumpy() if raw.ZeroPointLength() else np.zeros(1, np.int64)
    if points.any() and len(points) > 1:
        raise ModelError("a filter has a zero point other than 0; backend opencl runs symmetric filters")
    return np.array(raw.ScaleAsNumpy(), np.float32), int(points[0])
