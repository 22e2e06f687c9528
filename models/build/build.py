"""Build one model from the published float weights: file, manifest, presence, accuracy.

    python models/build/build.py movenet-lightning

Learns from COCO pictures without labels, and reads coco-dev only to measure
the finished file. `--batches 0` leaves the training out.
"""

import argparse
import os

import measure
import presence
from augment import Augmenter
from compare import agreement, poses
from distil import Plan, distil
from equalise import equalise
from expose import expose
from lessons import Lessons
from lower import write_int8
from manifest import write_manifest
from material import Material
from network import Network
from quantise import shift_input
from recipes import RECIPES
from rounding import fitted

QUANTILE = 0.99


def main():
    """Fetch, convert, calibrate, train, write, measure."""
    options = parse_options()
    recipe = RECIPES[options.model]
    material = Material(recipe)
    content = expose(learned(material, recipe, options.batches))
    int8 = Network(content)
    print(f"agreement {agreement(*(poses(network, material.held_out) for network in (material.floats, int8))):.4f}")
    save(recipe.folder / recipe.file, content)
    write_manifest(recipe, int8)
    presence.calibrate(recipe)
    measure.measure(recipe)


def parse_options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=RECIPES)
    parser.add_argument("--batches", type=int, help="of distillation, default: the recipe's")
    return parser.parse_args()


def learned(material, recipe, batches=None):
    """The bytes of the int8 file after rounding layer by layer, and training unless batches is 0."""
    graph = equalise(material.graph, material.extremes)
    shifted = shift_input(graph)
    scheme = fitted(shifted, material.ranges(graph, QUANTILE), material.calibration)
    plan = Plan(recipe.batches if batches is None else batches, recipe.pace)
    if plan.batches:
        crops = Augmenter(material.people, recipe.size, plan.seed)
        scheme = distil(shifted, scheme, Lessons(shifted, recipe.mirrored_span), crops, plan, show)
    return write_int8(shifted, scheme, description(recipe))


def description(recipe):
    """What the file says of itself."""
    return f"{recipe.title}, int8, cut at its heads"


def show(line, _student):
    """Print how the training goes."""
    print(line, flush=True)


def save(path, content):
    """Write bytes beside the place and move them there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, path)


if __name__ == "__main__":
    main()
