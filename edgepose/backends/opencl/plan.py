"""From a graph to layers: what is fused with what, and where every value stands in one arena."""

import numpy as np

from edgepose.backends.opencl import arithmetic
from edgepose.backends.opencl.arena import SLACK, Place
from edgepose.backends.opencl.layer import Layer, Plan, Window
from edgepose.backends.opencl.paddings import Paddings
from edgepose.errors import ModelError

TABLES = ("ELU", "LOGISTIC")
NARROW_BYTES = 32  # a row of a window that is no longer is read as if it were one pixel


def plan(graph):
    """The Plan of a graph. ModelError where its operations are combined in a way that is not known here."""
    return _Planner(graph).plan()


class _Planner:
    """Walks the graph once; every step writes one Layer and says which tensors it has dealt with."""

    def __init__(self, graph):
        self._graph, self._result = graph, Plan()
        self._places, self._paddings, self._pads = {}, Paddings(graph), {}
        self._ready, self._done = {*graph.inputs}, set()  # tensors that are written, operations that are dealt with

    def plan(self):
        arena, graph = self._result.arena, self._graph
        if len(graph.inputs) != 1:
            raise ModelError(f"{graph.path}: has {len(graph.inputs)} inputs; backend opencl runs one")
        for output in graph.outputs:
            self._places[output] = arena.output(output.shape)
        self._result.input = self._places[graph.inputs[0]] = arena.dense(graph.inputs[0].shape)
        self._place_parts()
        for operation in graph.operations:
            if operation not in self._done:
                _STEPS[operation.kind](self, operation)
        self._result.outputs = tuple(self._places[output] for output in graph.outputs)
        arena.lay_out(self._result.layers, self._result.input)
        return self._result

    def _place_parts(self):
        """Parts of a concatenation are written where they belong at once, if that is the only such place."""
        for operation in self._graph.operations:
            if operation.kind == "CONCATENATION":
                whole, at = self._place(operation.output), 0
                for part in operation.inputs:
                    if part not in self._places:
                        self._places[part] = whole.slice(at, part.shape[3])
                    at += part.shape[3]

    def _place(self, tensor):
        if tensor not in self._places:
            self._places[tensor] = self._result.arena.padded(tensor.shape)
        return self._places[tensor]

    def _written(self, tensor):
        """The Place of a value that is there by now."""
        if tensor not in self._ready:
            raise ModelError(f"{self._graph.path}: damaged: {tensor.name} is read before it is written")
        return self._places[tensor]

    def _add_layer(self, operation, kind, **more):
        """Append a Layer for an operation and all that can be fused behind it."""
        last, fused = self._fuse(operation)
        name = operation.output.name
        self._append(last.output, Layer(kind, name, y=self._place(last.output), **more, **fused))

    def _append(self, tensor, layer):
        self._result.layers.append(layer)
        self._ready.add(tensor)

    def _fuse(self, operation):
        """(the last operation of a chain that one kernel can do, what the later ones add to its Layer)."""
        fused, last = {}, operation
        while (after := self._only_consumer(last.output)) is not None:
            if after.kind in TABLES and not fused:
                fused["table"] = arithmetic.table(after.kind, after.inputs[0], after.output)
            elif after.kind == "ADD" and (other := _other(after, last.output)) in self._ready:
                fused |= {"other": self._places[other], "addition": _addition(after, last.output, other)}
                self._done.add(after)
                return after, fused
            else:
                break
            self._done.add(after)
            last = after
        return last, fused

    def _only_consumer(self, tensor):
        consumers = self._graph.consumers(tensor)
        return consumers[0] if len(consumers) == 1 and tensor not in self._graph.outputs else None

    def _pad(self, operation):
        self._paddings.remember(operation)

    def _convolution(self, operation, kind, channel_axis):
        x, weights, *biases = operation.inputs
        source, before = self._paddings.source(operation)
        n = operation.output.shape[3]
        self._add_layer(
            operation, kind, x=self._written(source), weights=weights.data, zero_point=operation.output.zero_point,
            pad=self._pad_pixel(source),
            bias=arithmetic.corrected_bias(x, weights.data, biases[0].data if biases else None, channel_axis),
            scales=arithmetic.requantisation(x, weights, operation.output, n),
            limits=arithmetic.limits(operation.options["activation"], operation.output),
            window=Window(weights.shape[1:3], operation.options["stride"], operation.options["dilation"], before))

    def _pad_pixel(self, tensor):
        """One pixel of a tensor's zero points, as long as the longest that is needed."""
        if tensor.zero_point not in self._pads:
            self._pads[tensor.zero_point] = self._result.arena.constant(0, tensor.zero_point)
        pad = self._pads[tensor.zero_point]
        pad.n_bytes = max(pad.n_bytes, tensor.shape[3] + SLACK)
        return pad

    def _dense(self, operation):
        self._convolution(operation, "convolution", 0)
        layer = self._result.layers[-1]
        if layer.x.border and layer.x.channels * layer.window.size[1] <= NARROW_BYTES:
            _read_rows(layer)

    def _depthwise(self, operation):
        self._convolution(operation, "depthwise", 3)
        self._result.layers[-1].weights = operation.inputs[1].data[0]

    def _addition(self, operation):
        a, b = operation.inputs
        self._append(operation.output, Layer(
            "add", operation.output.name, self._written(a), self._place(operation.output),
            other=self._written(b), addition=_addition(operation, a, b)))

    def _map(self, operation):
        """A table by itself; the image gets the border that the convolution behind it wants."""
        x, y = operation.inputs[0], operation.output
        if operation.kind == "QUANTIZE" and y not in self._places:
            self._places[y] = self._bordered(operation) or self._place(y)
        self._append(y, Layer("map", y.name, self._written(x), self._place(y),
                              table=arithmetic.table(operation.kind, x, y)))

    def _bordered(self, operation):
        """A Place with a border of zero points, if all that reads it is one narrow, dense convolution."""
        reader = self._only_consumer(operation.output)
        if reader is not None and reader.kind == "PAD":
            self._paddings.remember(reader)
            reader = self._only_consumer(reader.output)
        if reader is None or reader.kind != "CONV_2D" or reader.options["dilation"][1] != 1:
            return None
        return self._result.arena.bordered(operation.output, self._paddings.border(reader))

    def _resize(self, operation):
        x, y = operation.inputs[0], operation.output
        how = operation.options["align_corners"], operation.options["half_pixel"]
        self._append(y, Layer(
            "resize", y.name, self._written(x), self._place(y),
            weights_y=arithmetic.bilinear(x.shape[1], y.shape[1], *how),
            weights_x=arithmetic.bilinear(x.shape[2], y.shape[2], *how)))

    def _concatenation(self, operation):
        """Copy those parts that could not be written into their slice."""
        whole, at = self._place(operation.output), 0
        for part in operation.inputs:
            slice = whole.slice(at, part.shape[3])
            if not self._written(part).same_as(slice):
                self._result.layers.append(Layer("map", part.name, self._written(part), slice, table=IDENTITY))
            at += part.shape[3]
        self._ready.add(operation.output)


IDENTITY = np.arange(256, dtype=np.uint8).view(np.int8)

_STEPS = {"CONV_2D": _Planner._dense, "DEPTHWISE_CONV_2D": _Planner._depthwise, "ADD": _Planner._addition,
          "RESIZE_BILINEAR": _Planner._resize, "CONCATENATION": _Planner._concatenation, "PAD": _Planner._pad,
          "QUANTIZE": _Planner._map, "ELU": _Planner._map, "LOGISTIC": _Planner._map}


def _other(operation, tensor):
    a, b = operation.inputs
    return b if a is tensor else a


def _addition(operation, a, b):
    return arithmetic.addition(a, b, operation.output, operation.options["activation"])


def _read_rows(layer):
    """Let a convolution read the rows of its windows, border and all, as single pixels with many channels."""
    (height, width), x = layer.window.size, layer.x
    layer.weights = layer.weights.reshape(len(layer.weights), height, 1, width * x.channels)
    layer.window = Window((height, 1), layer.window.stride, layer.window.dilation, (0, 0))
    top, bottom, left, right = x.border
    layer.x = Place(x.room, top + x.height + bottom, left + x.width + right, width * x.channels, x.pixel, x.row, 0)
