"""Read an OpenVINO IR: an xml file of layers and edges, and a bin file of constants.

Source: OpenVINO documentation, "Intermediate Representation and Operation Sets", IR version 10, opset1.
"""

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from edgepose.errors import ModelError

TYPES = {"f16": "<f2", "f32": "<f4", "i8": "i1", "i64": "<i8"}
KINDS = ("Parameter", "Const", "Convert", "Subtract", "Multiply", "Add", "FakeQuantize", "Reshape", "Convolution",
         "GroupConvolution", "ReLU", "Elu", "Concat", "Result")
VERSIONS = ("10", "11")


@dataclass(eq=False)
class Node:
    """One layer of the IR.

    Attributes
    ----------
    data : {attribute: text}
    value : array of a Const, in the file's type; None for all others
    inputs : Nodes in the order of the input ports
    """

    name: str
    kind: str
    data: dict
    value: np.ndarray = None
    inputs: list = field(default_factory=list)

    def numbers(self, key):
        """A comma-separated attribute as a tuple of ints."""
        return tuple(int(part) for part in self.data[key].split(",") if part.strip())


def read(xml, weights):
    """The Result nodes of an IR, from which all others can be reached.

    Parameters
    ----------
    xml, weights : paths of the .xml and the .bin file

    Raises
    ------
    ModelError : a file is missing, not an IR or cut short, or a layer is of a kind that the converter does not know
    """
    root = _parse(xml)
    constants = _bytes(weights)
    try:
        nodes = {layer.get("id"): _node(layer, constants, xml, weights) for layer in root.find("layers")}
        _connect(nodes, root.find("edges"))
    except (AttributeError, TypeError, KeyError, ValueError, IndexError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{xml} is not a sound OpenVINO IR: {type(error).__name__}: {error}") from error
    results = [node for node in nodes.values() if node.kind == "Result"]
    if not results:
        raise ModelError(f"{xml} is not a sound OpenVINO IR: it has no Result layer")
    return results


def _bytes(path):
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error


def _parse(path):
    try:
        root = ElementTree.fromstring(_bytes(path))
    except (ElementTree.ParseError, ValueError) as error:
        raise ModelError(f"{path} is not an OpenVINO IR, or cut short: {error}") from error
    if root.tag != "net" or root.get("version") not in VERSIONS:
        raise ModelError(f"{path} is not an OpenVINO IR of version {' or '.join(VERSIONS)}")
    return root


def _node(layer, constants, xml, weights):
    name, kind = layer.get("name"), layer.get("type")
    if kind not in KINDS:
        raise ModelError(f"{xml}: layer {name} is of type {kind}, which the converter does not know")
    data = {} if layer.find("data") is None else dict(layer.find("data").attrib)
    node = Node(name, kind, data)
    if kind == "Const":
        node.value = _constant(node, constants, weights)
    return node


def _constant(node, constants, weights):
    """The array of a Const, checked against the size of the bin file."""
    shape, type = node.numbers("shape"), node.data["element_type"]
    if type not in TYPES:
        raise ModelError(f"{weights}: constant {node.name} is of type {type}; the converter knows {', '.join(TYPES)}")
    start, size = int(node.data["offset"]), int(node.data["size"])
    if start + size > len(constants):
        raise ModelError(f"{weights} is cut short: constant {node.name} ends at byte {start + size} of"
                         f" {len(constants)}")
    return np.frombuffer(constants[start : start + size], TYPES[type]).reshape(shape)


def _connect(nodes, edges):
    """Fill the inputs of all nodes."""
    found = sorted((edge.get("to-layer"), int(edge.get("to-port")), edge.get("from-layer")) for edge in edges)
    for target, _, origin in found:
        nodes[target].inputs.append(nodes[origin])
