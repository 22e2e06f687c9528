"""Read a TensorFlow.js graph model into a layer graph, cut where we want it."""

import base64
import json
from pathlib import Path

import numpy as np
from graph import Graph, Layer, rename

STORED = {"float16": np.float16, "float32": np.float32, "int32": np.int32}
ACTIVATIONS = {"Relu": "relu", "Relu6": "relu6"}


class ModelFormatError(ValueError):
    """The file holds something this reader does not know."""


class TfjsModel:
    """The nodes and constants of one graph model.

    Parameters
    ----------
    path : the model's JSON; the weight files it names lie beside it
    """

    def __init__(self, path):
        document = json.loads(Path(path).read_text())
        self.nodes = {node["name"]: node for node in document["modelTopology"]["node"]}
        self.constants = read_constants(document["weightsManifest"], Path(path).parent)

    def cut(self, source, input_shape, outputs):
        """The part between one tensor and the named outputs.

        Parameters
        ----------
        source : name of the tensor that becomes the input
        input_shape : its shape, NHWC
        outputs : {public name: name of the node}

        Raises
        ------
        ModelFormatError : an operation or a layout is not supported
        """
        layers = [self.layer(self.nodes[name]) for name in self.order(source, outputs.values())]
        graph = Graph(source, tuple(input_shape), layers, list(outputs.values()))
        rename(graph, {node: public for public, node in outputs.items()})
        return graph

    def order(self, source, targets):
        """Names of the nodes to run, each after its inputs."""
        done = [source]
        for target in targets:
            self.visit(target, done)
        return done[1:]

    def visit(self, name, done):
        """Append a node to the list after everything it needs."""
        if name in done or name in self.constants:
            return
        for needed in self.nodes[name]["input"]:
            self.visit(needed, done)
        done.append(name)

    def layer(self, node):
        """Convert one node.

        Raises
        ------
        ModelFormatError : the operation is not one of `READERS`
        """
        if node["op"] not in READERS:
            raise ModelFormatError(f"{node['name']}: operation {node['op']} is not supported")
        constants = [self.constants[name] for name in node["input"] if name in self.constants]
        tensors = [name for name in node["input"] if name not in self.constants]
        return READERS[node["op"]](node, tensors, constants)


def read_constants(manifest, folder):
    """All constants as float32 or int32 arrays by name."""
    constants = {}
    for group in manifest:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        constants.update(split_constants(data, group["weights"]))
    return constants


def split_constants(data, entries):
    """Slice one weight file into its arrays."""
    at = 0
    for entry in entries:
        stored = np.dtype(STORED[entry.get("quantization", {}).get("dtype", entry["dtype"])])
        count = int(np.prod(entry["shape"]))
        array = np.frombuffer(data, stored, count, at).reshape(entry["shape"])
        at += array.nbytes
        yield entry["name"], array.astype(entry["dtype"])


def strings(node, key):
    """A list-of-strings attribute."""
    values = node["attr"].get(key, {}).get("list", {}).get("s", [])
    return [base64.b64decode(value).decode() for value in values]


def conv_options(node):
    """Stride, dilation, padding and activation of a convolution.

    Raises
    ------
    ModelFormatError : strides differ, or a fused operation is unknown
    """
    attr = node["attr"]
    strides = [int(value) for value in attr["strides"]["list"]["i"]]
    dilations = [int(value) for value in attr.get("dilations", {}).get("list", {}).get("i", [1])]
    fused = [name for name in strings(node, "fused_ops") if name != "BiasAdd"]
    if strides[1] != strides[2] or len(fused) > 1 or any(name not in ACTIVATIONS for name in fused):
        raise ModelFormatError(f"{node['name']}: strides {strides} with {fused} are not supported")
    return dict(
        stride=strides[1],
        dilation=max(dilations),
        padding=base64.b64decode(attr["padding"]["s"]).decode().lower(),
        activation=ACTIVATIONS[fused[0]] if fused else "none",
    )


def read_conv(node, tensors, constants):
    """HWIO kernel to (out, height, width, in)."""
    weights = np.ascontiguousarray(constants[0].transpose(3, 0, 1, 2))
    return Layer("conv", node["name"], tensors, weights, bias_of(constants, len(weights)), **conv_options(node))


def read_depthwise(node, tensors, constants):
    """HWC1 kernel to (1, height, width, channels)."""
    weights = np.ascontiguousarray(constants[0].transpose(3, 0, 1, 2))
    bias = bias_of(constants, weights.shape[3])
    return Layer("depthwise", node["name"], tensors, weights, bias, **conv_options(node))


def bias_of(constants, channels):
    """The fused bias, or zeros."""
    return constants[1] if len(constants) > 1 else np.zeros(channels, np.float32)


def read_add(node, tensors, _constants):
    """Sum of two tensors of one shape."""
    return Layer("add", node["name"], tensors)


def read_resize(node, tensors, constants):
    """Bilinear resize with half-pixel centres."""
    return Layer("resize", node["name"], tensors, size=tuple(int(n) for n in constants[0]))


READERS = {
    "_FusedConv2D": read_conv,
    "Conv2D": read_conv,
    "FusedDepthwiseConv2dNative": read_depthwise,
    "DepthwiseConv2dNative": read_depthwise,
    "AddV2": read_add,
    "ResizeBilinear": read_resize,
}
