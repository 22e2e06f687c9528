"""Time the network alone against the published int8 file cut at the same heads.

    python models/build/timing.py models/movenet-lightning/movenet-lightning.tflite

One thread; the two take turns, so that a busy machine slows both alike.
"""

import sys
import time
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from measure import PEER, shared_models_dir
from network import Network

HEADS = ("center_0/conv2d_4", "kpt_heatmap_0/conv2d_5", "kpt_regress_0/conv2d_6", "kpt_offset_0/conv2d_7")
ROUNDS = 300


def cut_at_heads(content):
    """The published file without its decode: bytes of a model with four outputs."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    graph = model.subgraphs[0]
    graph.outputs = [head_tensor(graph, head) for head in HEADS]
    graph.operators = needed(graph.operators, graph.outputs)
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def head_tensor(graph, head):
    """Index of the 48x48 tensor that a head's last convolution makes."""
    made = [op.outputs[0] for op in graph.operators]
    return next(i for i in made if graph.tensors[i].name.decode().startswith(head + "/BiasAdd"))


def needed(operators, outputs):
    """The operators that the outputs depend on, in order."""
    wanted, kept = set(outputs), []
    for op in reversed(operators):
        if wanted & set(op.outputs):
            wanted |= set(op.inputs)
            kept.insert(0, op)
    return kept


def times_ms(networks, rounds=ROUNDS):
    """float (networks, rounds): milliseconds, taking turns."""
    pixels = np.random.default_rng(0).integers(0, 256, networks[0].input["shape"][1:], np.uint8)
    return np.array([[time_ms(network, pixels) for network in networks] for _ in range(rounds)]).T


def time_ms(network, pixels):
    """Milliseconds of one inference."""
    start = time.perf_counter_ns()
    network.invoke(pixels)
    return (time.perf_counter_ns() - start) / 1e6


def main():
    """Print p10 and p50 of both."""
    ours = Network(Path(sys.argv[1]).read_bytes())
    peer = Network(cut_at_heads((shared_models_dir() / PEER).read_bytes()))
    for name, values in zip(("ours", "published, cut"), times_ms([ours, peer])):
        print(f"{name:15s} p10 {np.percentile(values, 10):.2f} ms  p50 {np.percentile(values, 50):.2f} ms")


if __name__ == "__main__":
    main()
