"""The shape that each operation's output must have: a kernel trusts it, so a file that lies is refused at `open`."""

from edgepose.errors import ModelError


def check(graph):
    """Raise ModelError where an operation's output is not of the shape that its inputs give; names the tensor."""
    for operation in graph.operations:
        expected = (1, *_SHAPES[operation.kind](operation))
        if operation.output.shape != expected:
            raise ModelError(f"{graph.path}: damaged: {operation.kind} {operation.output.name} has shape"
                             f" {list(operation.output.shape)}; its inputs give {list(expected)}")


def _dense(operation):
    return *_sides(operation), operation.inputs[1].shape[0]


def _depthwise(operation):
    return *_sides(operation), operation.inputs[1].shape[3]


def _sides(operation):
    x, weights, options = operation.inputs[0], operation.inputs[1], operation.options
    return tuple(_side(x.shape[axis + 1], weights.shape[axis + 1], options["stride"][axis], options["dilation"][axis],
                       options["same"]) for axis in (0, 1))


def _side(n, size, stride, dilation, same):
    return -(-n // stride) if same else (n - (size - 1) * dilation - 1) // stride + 1


def _same(operation):
    return operation.inputs[0].shape[1:]


def _resize(operation):
    height, width = (int(side) for side in operation.inputs[1].data)
    return height, width, operation.inputs[0].shape[3]


def _concatenation(operation):
    height, width = operation.inputs[0].shape[1:3]
    if any(part.shape[1:3] != (height, width) for part in operation.inputs):
        return ()
    return height, width, sum(part.shape[3] for part in operation.inputs)


def _pad(operation):
    top, bottom, left, right = operation.options["sides"]
    _, height, width, channels = operation.inputs[0].shape
    return height + top + bottom, width + left + right, channels


_SHAPES = {"CONV_2D": _dense, "DEPTHWISE_CONV_2D": _depthwise, "ADD": _same, "RESIZE_BILINEAR": _resize,
           "CONCATENATION": _concatenation, "PAD": _pad, "QUANTIZE": _same, "ELU": _same, "LOGISTIC": _same}
