"""Time the network alone against the float network and the published int8 file cut at the same heads.

    python models/build/timing.py movenet-lightning

One thread; they take turns, so that a busy machine slows both alike.
"""

import argparse
import time

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from lower import write_float
from material import float_graph
from measure import shared_models_dir
from network import Network
from recipes import RECIPES

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
    """Print p10 and p50 of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=RECIPES)
    networks = networks_of(RECIPES[parser.parse_args().model])
    for name, values in zip(networks, times_ms(list(networks.values()))):
        print(f"{name:15s} p10 {np.percentile(values, 10):.2f} ms  p50 {np.percentile(values, 50):.2f} ms")


def networks_of(recipe):
    """{name: Network}: our int8 file, the float network, and the published int8 file where there is one."""
    floats = write_float(float_graph(recipe), recipe.title)
    found = {"int8": (recipe.folder / recipe.file).read_bytes(), "float": floats}
    peer = shared_models_dir() / recipe.peer
    if peer.is_file():
        found["published, cut"] = cut_at_heads(peer.read_bytes())
    return {name: Network(content) for name, content in found.items()}


if __name__ == "__main__":
    main()
