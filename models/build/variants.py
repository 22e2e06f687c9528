"""Measure the post-training variants of the int8 network, from cheap to dear.

    python models/build/variants.py movenet-lightning

Agreement is what a variant is chosen by: it needs no labels. AP is reported.
"""

import argparse

from compare import agreement, poses
from equalise import equalise
from lower import write_int8
from material import Material
from measure import exact_precision, load_truth
from network import Network
from quantise import quantise, shift_input
from recipes import RECIPES
from rounding import fitted

VARIANTS = {
    "smallest and largest values": dict(strength=0.0),
    "values of 99 % of the crops": dict(strength=0.0, quantile=0.99),
    "channels equalised by half": dict(strength=0.5),
    "channels equalised": dict(strength=1.0),
    "equalised, 99 % of the crops": dict(strength=1.0, quantile=0.99),
    "equalised, 95 % of the crops": dict(strength=1.0, quantile=0.95),
    "equalised, ranges searched": dict(strength=1.0, quantile=None),
    "equalised, 99 %, biases corrected": dict(strength=1.0, quantile=0.99, fit="biases"),
    "equalised, 99 %, fitted": dict(strength=1.0, quantile=0.99, fit="all"),
    "equalised, ranges searched, fitted": dict(strength=1.0, quantile=None, fit="all"),
    "not equalised, 99 %, fitted": dict(strength=0.0, quantile=0.99, fit="all"),
}


def main():
    """Print one line for each variant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=RECIPES)
    recipe, truth = RECIPES[parser.parse_args().model], load_truth()
    material = Material(recipe)
    reference = poses(material.floats, material.held_out)
    print("agreement   AP    variant")
    for name, options in VARIANTS.items():
        network = Network(variant(material, **options))
        found = agreement(reference, poses(network, material.held_out))
        ap = exact_precision(recipe, network, truth)["AP"]
        print(f"  {found:.4f}   {ap:.3f}   {name}", flush=True)


def variant(material, strength, quantile=1.0, fit=None):
    """The bytes of one post-training variant."""
    graph = equalise(material.graph, material.extremes, strength)
    ranges, shifted = material.ranges(graph, quantile), shift_input(graph)
    if fit:
        scheme = fitted(shifted, ranges, material.calibration, only_biases=fit == "biases")
    else:
        scheme = quantise(shifted, ranges)
    return write_int8(shifted, scheme, "a variant")


if __name__ == "__main__":
    main()
