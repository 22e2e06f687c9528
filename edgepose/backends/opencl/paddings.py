"""What convolutions read beyond their inputs: operations of their own, which are never run, and TFLite's SAME."""

from edgepose.errors import ModelError


class Paddings:
    """The paddings of a Graph; convolutions behind them read what was to be padded."""

    def __init__(self, graph):
        self._graph, self._known = graph, {}

    def remember(self, operation):
        """Take a PAD out of the network. ModelError where anything but convolutions reads what it pads."""
        readers = self._graph.consumers(operation.output)
        if operation.output in self._graph.outputs or not all(
                reader.kind in ("CONV_2D", "DEPTHWISE_CONV_2D") and not reader.options["same"] for reader in readers):
            raise ModelError(f"{self._graph.path}: PAD {operation.output.name}: backend opencl pads only what"
                             " convolutions without padding of their own read; take backend tflite")
        self._known[operation.output] = operation.inputs[0], operation.options["sides"]

    def source(self, operation):
        """(tensor that a convolution really reads, (rows, columns) of padding before its first)."""
        x, weights, options = operation.inputs[0], operation.inputs[1], operation.options
        if x in self._known:
            source, (top, _, left, _) = self._known[x]
            return source, (top, left)
        if not options["same"]:
            return x, (0, 0)
        return x, tuple(_before(x.shape[1 + axis], operation.output.shape[1 + axis], weights.shape[1 + axis],
                                options["stride"][axis], options["dilation"][axis]) for axis in (0, 1))

    def border(self, reader):
        """(top, bottom, left, right) that a convolution reads beyond its input."""
        (source, before), sides = self.source(reader), []
        for axis in (0, 1):
            size, stride = reader.inputs[1].shape[1 + axis], reader.options["stride"][axis]
            reach = (reader.output.shape[1 + axis] - 1) * stride + (size - 1) * reader.options["dilation"][axis] + 1
            sides += [before[axis], max(reach - before[axis] - source.shape[1 + axis], 0)]
        return tuple(sides)


def _before(n_in, n_out, size, stride, dilation):
    """Padding before the first row or column, as TFLite's SAME has it: the odd one comes last."""
    return max((n_out - 1) * stride + (size - 1) * dilation + 1 - n_in, 0) // 2
