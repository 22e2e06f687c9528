"""For the tests of the OpenCL backend: its devices, real frames, small `.tflite` files and what is made of them."""

import functools

import numpy as np

from edgepose import backends, sources
from edgepose.errors import BackendUnavailable

ANY = np.float32(0.05)


class GraphFile:
    """Collects tensors and operations; `write` makes the file.

    Methods that add an operation return the number of its output tensor.
    """

    def __init__(self, rng, shape, dtype="int8", scale=ANY, zero_point=3):
        self.rng, self.tensors, self.operations = rng, [], []
        self.input = self.tensor("input", shape, dtype, [scale], zero_point)

    def tensor(self, name, shape, dtype="int8", scales=(ANY,), zero_point=0, data=None, signature=None):
        self.tensors.append((name, tuple(shape), dtype, scales, zero_point, data, signature))
        return len(self.tensors) - 1

    def convolution(self, x, n, size=1, stride=1, dilation=1, same=True, activation=0, depthwise=False, scale=None):
        height, width, depth = self.tensors[x][1][1:]
        shape = (1, size, size, depth) if depthwise else (n, size, size, depth)
        taps = size * size * (1 if depthwise else depth)
        scales = self.rng.uniform(0.002, 0.02, n).astype(np.float32)
        weights = self.tensor("filter", shape, scales=scales, data=self.rng.integers(-127, 128, shape, dtype=np.int8))
        bias = self.tensor("bias", (n,), "int32", self.tensors[x][3][0] * scales,  # without them, no XNNPACK
                           data=self.rng.integers(-2000, 2000, n, dtype=np.int32))
        sides = [_size(side, size, stride, dilation, same) for side in (height, width)]
        output = self.tensor(f"output{len(self.tensors)}", (1, *sides, n),
                             scales=[np.float32(scale or 0.02 * taps ** 0.5)], zero_point=-7)
        options = dict(StrideH=stride, StrideW=stride, DilationHFactor=dilation, DilationWFactor=dilation,
                       Padding=0 if same else 1, FusedActivationFunction=activation)
        kind = "DepthwiseConv2D" if depthwise else "Conv2D"
        return self.operation("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", [x, weights, bias], output,
                              f"{kind}Options", options | ({"DepthMultiplier": 1} if depthwise else {}))

    def like(self, kind, inputs, shape=None, scale=ANY, zero_point=-11, table="", **options):
        """An operation with an output of a given shape, else of its first input's."""
        output = self.tensor(f"output{len(self.tensors)}", shape or self.tensors[inputs[0]][1],
                             scales=[np.float32(scale)], zero_point=zero_point)
        return self.operation(kind, inputs, output, table, options)

    def resize(self, x, height, width, **options):
        _, shape, _, scales, zero_point, *_ = self.tensors[x]
        size = self.tensor("size", (2,), "int32", (), data=np.array([height, width], np.int32))
        return self.like("RESIZE_BILINEAR", [x, size], (1, height, width, shape[3]), scales[0], zero_point,
                         "ResizeBilinearOptions", **options)

    def pad(self, x, top, bottom, left, right):
        _, (_, height, width, depth), _, scales, zero_point, *_ = self.tensors[x]
        amounts = np.array([0, 0, top, bottom, left, right, 0, 0], np.int32).reshape(4, 2)
        sides = self.tensor("sides", (4, 2), "int32", (), data=amounts)
        return self.like("PAD", [x, sides], (1, height + top + bottom, width + left + right, depth), scales[0],
                         zero_point)

    def operation(self, kind, inputs, output, table="", options=None):
        self.operations.append((kind, list(inputs), output, table, options or {}))
        return output

    def write(self, path, *outputs):
        """Write the file with these outputs; its path."""
        path.write_bytes(_serialise(self, outputs))
        return path

    def image(self):
        """Random values for the input."""
        _, shape, dtype, *_ = self.tensors[self.input]
        return self.rng.integers(0, 256, shape[1:], dtype=np.uint8).view(dtype)


#: What a device without `cl_khr_integer_dot_product` lacks.
SPELLED_OUT = """
int dot_4x8packed_ss_int(uint a, uint b)
{
    const int4 products = convert_int4(as_char4(a)) * convert_int4(as_char4(b));
    return products.x + products.y + products.z + products.w;
}
"""


def is_slow(device):
    """Mesa's software renderer: seconds a frame. It is here for its front end, which is that of Mali and VideoCore."""
    return "llvmpipe" in device.name


def found_devices():
    """Numbers of the devices here, or one that stands for "none"."""
    from edgepose.backends.opencl import devices

    try:
        return range(len(devices.find_devices(devices.find_package())))
    except BackendUnavailable:
        return [0]


def number_of(device):
    """What `--device` calls a device of pyopencl."""
    from edgepose.backends.opencl import devices

    return devices.find_devices(devices.find_package()).index(device)


def opened(name, model, **settings):
    """A backend that has opened a model."""
    made = backends.create(name, **settings)
    made.open(model, None)
    return made


def clip(data):
    """The frames of a real clip, each lent until the next."""
    source = sources.open_source(str(data / "clips" / "vtest.avi"))
    while (frame := source.read()) is not None:
        yield frame
    source.close()


def n_differing(expected, given):
    """How many bytes of two lists of arrays differ."""
    return sum(int((a != b).sum()) for a, b in zip(expected, given, strict=True))


def _size(n, size, stride, dilation, same):
    return -(-n // stride) if same else (n - (size - 1) * dilation - 1) // stride + 1


def run_tflite(path, image):
    """[output, ...] of TFLite's XNNPACK path."""
    from edgepose.backends import tflite

    interpreter = tflite.find_interpreter()[0](model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
    interpreter.invoke()
    return [interpreter.get_tensor(tensor["index"])[0] for tensor in interpreter.get_output_details()]


def run_opencl(path, image, device, family="cpu", inner="pairs"):
    """[output, ...] of our kernels on a device of pyopencl, with the kernels of a family."""
    from edgepose.backends.opencl import executor, plan, reader, shapes

    graph = reader.read(path)
    layout = plan.plan(graph)
    running = executor.load(device, layout, shapes.everywhere(layout, family, shapes.DENSE[family, inner]))
    running.run(image)
    return split(running.outputs, [tensor.shape[1:] for tensor in graph.outputs])


def split(outputs, shapes):
    """Arrays of these shapes that stand side by side."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(outputs, ends[:-1]), shapes)]


def _serialise(graph, outputs):
    import flatbuffers
    import tflite

    builder = flatbuffers.Builder(1 << 16)
    table = functools.partial(_table, builder, tflite)
    kinds = sorted({kind for kind, *_ in graph.operations})
    codes = [table("OperatorCode", BuiltinCode=getattr(tflite.BuiltinOperator, kind), Version=_version(kind),
                   DeprecatedBuiltinCode=min(getattr(tflite.BuiltinOperator, kind), 127)) for kind in kinds]
    tensors = [_tensor(builder, tflite, table, number, *tensor) for number, tensor in enumerate(graph.tensors)]
    operations = [_operation(builder, tflite, table, kinds, *operation) for operation in graph.operations]
    subgraph = table("SubGraph", Tensors=_vector(builder, tensors), Operators=_vector(builder, operations),
                     Inputs=_ints(builder, [graph.input]), Outputs=_ints(builder, outputs))
    buffers = [table("Buffer")] + [_buffer(builder, table, tensor[5]) for tensor in graph.tensors]
    builder.Finish(table("Model", Version=3, OperatorCodes=_vector(builder, codes),
                         Subgraphs=_vector(builder, [subgraph]), Buffers=_vector(builder, buffers)), b"TFL3")
    return bytes(builder.Output())


def _version(kind):
    return {"CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "ELU": 1}.get(kind, 2)


def _table(builder, tflite, kind, **fields):
    getattr(tflite, f"{kind}Start")(builder)
    for name, value in fields.items():
        getattr(tflite, f"{kind}Add{name}")(builder, value)
    return getattr(tflite, f"{kind}End")(builder)


def _vector(builder, offsets):
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _ints(builder, values, dtype=np.int32):
    return builder.CreateNumpyVector(np.asarray(values, dtype))


def _buffer(builder, table, data):
    if data is None:
        return table("Buffer")
    return table("Buffer", Data=builder.CreateByteVector(np.ascontiguousarray(data).tobytes()))


def _tensor(builder, tflite, table, number, name, shape, dtype, scales, zero_point, data, signature):
    fields = {"Name": builder.CreateString(name), "Shape": _ints(builder, shape), "Buffer": number + 1,
              "Type": getattr(tflite.TensorType, dtype.upper())}
    if signature is not None:
        fields["ShapeSignature"] = _ints(builder, signature)
    if len(scales):
        fields["Quantization"] = table(
            "QuantizationParameters", Scale=_ints(builder, scales, np.float32),
            ZeroPoint=_ints(builder, np.full(len(scales), zero_point), np.int64),
            QuantizedDimension=3 if name == "filter" and shape[0] == 1 and len(scales) == shape[3] > 1 else 0)
    return table("Tensor", **fields)


def _operation(builder, tflite, table, kinds, kind, inputs, output, options_table, options):
    fields = {"Inputs": _ints(builder, inputs), "Outputs": _ints(builder, [output]), "OpcodeIndex": kinds.index(kind)}
    if options_table:
        fields |= {"BuiltinOptionsType": getattr(tflite.BuiltinOptions, options_table),
                   "BuiltinOptions": table(options_table, **options)}
    return table("Operator", **fields)
