"""The .tflite writer and reader: what is written is read back, and other people's readers agree."""

import numpy as np
import pytest

from edgepose.convert.flatbuffer import Builder, Table
from edgepose.convert.tflite_reader import read
from edgepose.convert.tflite_schema import ACTIVATION, OPERATORS, OPTIONS, PADDING, TABLES
from edgepose.convert.tflite_writer import Operator, Tensor, serialise


@pytest.fixture
def small(rng):
    """Bytes of a file with a constant, a convolution and a layer without options."""
    picture = Tensor("input", (1, 8, 8, 3), "int8", scale=0.5, zero_point=-3)
    kernel = Tensor("kernel", (4, 3, 3, 3), "int8", rng.integers(-127, 128, (4, 3, 3, 3)), rng.random(4), axis=0)
    bias = Tensor("bias", (4,), "int32", np.arange(4) - 2, rng.random(4))
    between = Tensor("between", (1, 4, 4, 4), "int8", scale=0.25, zero_point=7)
    result = Tensor("result", (1, 4, 4, 4), "int8", scale=0.125)
    options = dict(Padding=PADDING["same"], StrideW=2, StrideH=2, FusedActivationFunction=ACTIVATION["relu"],
                   DilationWFactor=1, DilationHFactor=1)
    operators = [Operator("CONV_2D", [picture, kernel, bias], [between], 3, options),
                 Operator("ELU", [between], [result])]
    return serialise(operators, [picture], [result], "a test"), operators


def test_what_is_written_is_read_back(small):
    data, written = small
    found, inputs, outputs = read(data)
    assert [tensor.name for tensor in inputs + outputs] == ["input", "result"]
    for mine, theirs in zip(written, found):
        assert (mine.kind, mine.version, mine.options) == (theirs.kind, theirs.version, theirs.options)
        for one, other in zip(mine.inputs + mine.outputs, theirs.inputs + theirs.outputs):
            assert (one.name, one.shape, one.dtype, one.zero_point) == (other.name, other.shape, other.dtype,
                                                                        other.zero_point)
            assert one.data is None or np.array_equal(one.data, other.data)
            assert np.array_equal(np.atleast_1d(np.float32(one.scale)), other.scale)


def test_what_is_read_is_written_again_to_the_byte(small):
    data, _ = small
    assert serialise(*read(data), "a test") == data


def test_shipped_model_is_read(lightning):
    operators, inputs, outputs = read(lightning.file("tflite").read_bytes())
    assert len(operators) > 80 and inputs[0].shape == (1, 192, 192, 3) and inputs[0].dtype == "uint8"
    for tensor, said in zip(outputs, lightning.outputs.values()):
        assert (tensor.shape[1:], tensor.zero_point) == (said.shape, said.zero_point)
        assert tensor.scale[0] == np.float32(said.scale)


def test_constants_lie_on_16_bytes(small):
    data, _ = small
    kernel = next(tensor for tensor in read(data)[0][0].inputs if tensor.name == "kernel")
    assert data.index(kernel.data.tobytes()) % 16 == 0


def test_equal_tables_share_one_layout():
    builder = Builder()
    for value in (5, 6):
        last = builder.table([(0, "Int32", value, 0), (2, "Uint8", 1, 0)])
    data = builder.finish(last, b"TEST")
    assert data.count((10).to_bytes(2, "little") + (12).to_bytes(2, "little")) == 1
    table = Table(data, int.from_bytes(data[:4], "little"))
    assert [table.number(0, "Int32"), table.number(1, "Int32"), table.number(2, "Uint8")] == [6, None, 1]


@pytest.mark.parametrize("length", [0, 4, 8, 100, 500])
def test_file_that_is_cut_short_is_refused(small, length):
    with pytest.raises(ValueError, match=r"\.tflite file"):
        read(small[0][:length])


def test_another_file_is_refused():
    with pytest.raises(ValueError, match=r"not a \.tflite file"):
        read(b"PK\x03\x04" * 100)


def test_numbers_of_fields_and_codes_are_the_schema_s():
    tflite = pytest.importorskip("tflite", reason="the schema's own reader is not installed")
    for kind, (code, options) in OPERATORS.items():
        assert getattr(tflite.BuiltinOperator, kind) == code
        assert options is None or getattr(tflite.BuiltinOptions, options) == OPTIONS[options]
    assert (tflite.Padding.SAME, tflite.Padding.VALID) == (PADDING["same"], PADDING["valid"])
    assert (tflite.ActivationFunctionType.RELU, tflite.ActivationFunctionType.RELU6) == (
        ACTIVATION["relu"], ACTIVATION["relu6"])


@pytest.mark.parametrize("kind", [kind for kind in TABLES if TABLES[kind]])
def test_layout_is_that_of_the_flatbuffers_package(kind):
    flatbuffers = pytest.importorskip("flatbuffers")
    tflite = pytest.importorskip("tflite", reason="the schema's own reader is not installed")
    fields = [(name, number, type, default) for name, (number, type, default) in TABLES[kind].items()
              if type in ("Int8", "Uint8", "Int32", "Uint32", "Bool")]
    builder = Builder()
    data = builder.finish(builder.table([(number, type, True if type == "Bool" else 5, default)
                                         for _, number, type, default in fields]), b"TFL3")
    table = getattr(tflite, kind)()
    table.Init(bytearray(data), flatbuffers.encode.Get(flatbuffers.packer.uoffset, data, 0))
    assert all(int(getattr(table, name)()) in (1, 5) for name, _, type, default in fields)


def test_litert_reads_the_file(small):
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter(model_content=small[0])
    interpreter.allocate_tensors()
    assert interpreter.get_output_details()[0]["quantization"] == (0.125, 0)
