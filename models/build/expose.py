"""Hand out inner tensors of a finished model as further outputs.

    python models/build/expose.py MODEL.tflite

Nothing else in the file changes: a longer list of outputs goes to its end, and
the graph points there.
"""

import struct
import sys
from pathlib import Path

import tflite

CONTEXTS = ("block_9_add/add", "block_12_add/add", "block_15_add/add")
OUTPUTS_FIELD = 8  # of the table SubGraph, counted as flatbuffers count


def expose(content, names=CONTEXTS):
    """The bytes of a model with one subgraph that hands out further tensors, after its own outputs.

    Parameters
    ----------
    content : bytes
    names : tensors; those that are outputs already stay as they are

    Raises
    ------
    KeyError : there is no such tensor
    """
    graph = tflite.Model.GetRootAs(content, 0).Subgraphs(0)
    index = {graph.Tensors(i).Name().decode(): i for i in range(graph.TensorsLength())}
    outputs = [graph.Outputs(i) for i in range(graph.OutputsLength())]
    outputs += [index[name] for name in names if index[name] not in outputs]
    return repoint(content, graph._tab.Pos + graph._tab.Offset(OUTPUTS_FIELD), outputs)


def repoint(content, field, numbers):
    """Put a vector of int32 at the end and let the field at a place point to it."""
    data = bytearray(content)
    data += bytes(-len(data) % 4)
    data[field : field + 4] = struct.pack("<I", len(data) - field)
    return bytes(data) + struct.pack(f"<{len(numbers) + 1}i", len(numbers), *numbers)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_bytes(expose(path.read_bytes()))
