"""Measure one model's accuracy, and that of the networks beside it, and write it into the manifest.

    python models/build/measure.py movenet-lightning

The protocol is `crops`. All see the same squares of the same pictures through the runtime's own letterbox; what
differs is the network, and whether its heads are decoded exactly or in integers, as the runtime does.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import checkout  # noqa: F401
import numpy as np
from crops import data_dir
from lower import write_float
from manifest import put_section
from material import float_graph
from movenet import HEADS
from network import Network
from recipes import RECIPES

from edgepose import backends, model
from edgepose.evaluate import annotations, predict, protocols
from edgepose.evaluate.kept import NothingKept
from edgepose.evaluate.precision import average_precision

PROTOCOL = "crops"
SHOWN = {"AP": "ap", "AP50": "ap50", "AP75": "ap75"}
SECTION = """\
[accuracy.{protocol}]
dataset = "coco-dev"
images = {images}
annotations_sha256 = "{sha256}"
command = "python models/build/measure.py {name}"
"""


class NetworkBackend:
    """A network of the build as the runtime's Predictor takes it.

    Parameters
    ----------
    network : Network
    names : of its outputs that are handed out, in order
    channels : how the slot's BGR channels are ordered for it
    """

    def __init__(self, network, names, channels=slice(None)):
        self.network, self.names, self.channels = network, names, channels

    def open(self, _model, _ring):
        """Nothing is left to do."""

    def infer(self, slot):
        """Run it on a slot."""
        found = self.network.run(slot.tensor[..., self.channels])
        self.outputs = [found[name] for name in self.names]

    def close(self):
        """Nothing is held."""


def main():
    """Measure, print, and write the manifest's section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=RECIPES)
    measure(RECIPES[parser.parse_args().model])


def measure(recipe):
    """Print a line for every network, and write them into the manifest."""
    truth, rows = load_truth(), {}
    for key, predictor in predictors(recipe).items():
        rows[key] = precision_of(predictor, truth)
        print("  ".join(f"{name} {rows[key][name]:.3f}" for name in SHOWN), "", key, flush=True)
    put_section(recipe.folder / "manifest.toml", "accuracy", section(recipe, truth, rows))


def load_truth():
    """The Annotations of coco-dev.

    Raises
    ------
    SystemExit : the data set is not there
    """
    path = data_dir() / "coco-dev" / "annotations.json"
    if not path.exists():
        raise SystemExit(f"{path.parent}: no annotations.json; set EDGEPOSE_DATA to the folder that holds coco-dev")
    return annotations.read(str(path))


def predictors(recipe):
    """{key of the manifest: Predictor}, the model's own first."""
    int8 = model.load(recipe.name)
    found = {
        "int8": predict.Predictor(int8, backends.create("tflite"), predict.make_decode(int8, "int")),
        "int8_exact_decode": predict.Predictor(int8, backends.create("tflite"), predict.make_decode(int8, "float")),
        "float": float_predictor(recipe, int8),
    }
    peer = shared_models_dir() / recipe.peer
    return found | ({"published_int8": published_predictor(peer, int8)} if peer.is_file() else {})


def float_predictor(recipe, int8):
    """The float network, made from the published weights."""
    return exact_predictor(int8, Network(write_float(float_graph(recipe), recipe.title)))


def exact_predictor(int8, network):
    """A network with float or int8 heads of the same shapes, decoded exactly."""
    outputs = {name: replace(int8.outputs[name], dtype="float32", scale=1.0, zero_point=0) for name in HEADS}
    floats = replace(int8, outputs=outputs)
    decode = predict.FLOAT_DECODERS[int8.decoder](floats)
    return predict.Predictor(floats, NetworkBackend(network, HEADS), decode)


def exact_precision(recipe, network, truth):
    """{"AP", ...} of a network of the recipe's family, decoded exactly."""
    return precision_of(exact_predictor(model.load(recipe.name), network), truth)


def published_predictor(path, int8):
    """The publisher's own int8 file, which takes RGB and decodes inside: (y, x, score) of 0..1."""
    network = Network(path.read_bytes())

    def decode(outputs, slot):
        y, x, score = outputs[0][0].T
        return np.stack([*slot.fit.to_source(x * network.size, y * network.size), score], 1)[None]

    backend = NetworkBackend(network, [network.outputs[0]["name"]], slice(None, None, -1))
    return predict.Predictor(int8, backend, decode)


def precision_of(predictor, truth):
    """{"AP", ...} of one predictor; frees it."""
    pictures = protocols.select(truth, PROTOCOL)
    task = predict.Task(truth, pictures, PROTOCOL, str(data_dir() / "coco-dev" / "images"))
    silent = SimpleNamespace(update=lambda: None, write=print)
    with predictor:
        return average_precision(truth, predict.find_all(predictor, task, NothingKept(), silent))


def section(recipe, truth, rows):
    """The manifest's section."""
    images = len(protocols.select(truth, PROTOCOL))
    head = SECTION.format(protocol=PROTOCOL, images=images, sha256=truth.sha256, name=recipe.name)
    values = {key: ", ".join(f"{SHOWN[name]} = {row[name]:.3f}" for name in SHOWN) for key, row in rows.items()}
    return head + "\n".join(f"{key} = {{ {text} }}" for key, text in values.items())


def shared_models_dir():
    """The folder of peer models: EDGEPOSE_MODELS_SHARED, else ../shared/models."""
    return Path(os.environ.get("EDGEPOSE_MODELS_SHARED", data_dir().parent / "models"))


if __name__ == "__main__":
    main()
