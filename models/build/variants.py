"""Measure the post-training variants of the int8 network, from cheap to dear.

    python models/build/variants.py

Agreement is what a variant is chosen by: it needs no labels. AP is reported.
"""

from compare import agreement, poses
from crops import data_dir
from equalise import equalise
from lower import write_int8
from measure import heads_pose, measure
from network import Network
from quantise import shift_input
from rounding import fitted

from build import DESCRIPTION, Material, calibrated, int8_bytes

VARIANTS = {
    "smallest and largest values": dict(strength=0.0),
    "values of 99 % of the crops": dict(strength=0.0, quantile=0.99),
    "channels equalised by half": dict(strength=0.5),
    "channels equalised": dict(strength=1.0),
    "equalised, 99 % of the crops": dict(strength=1.0, quantile=0.99),
    "equalised, 95 % of the crops": dict(strength=1.0, quantile=0.95),
    "equalised, 99 %, biases corrected": dict(strength=1.0, quantile=0.99, fit="biases"),
    "equalised, 99 %, fitted": dict(strength=1.0, quantile=0.99, fit="all"),
    "not equalised, 99 %, fitted": dict(strength=0.0, quantile=0.99, fit="all"),
}


def main():
    """Print one line for each variant."""
    material = Material()
    reference = poses(material.floats, material.held_out)
    print("agreement   AP    variant")
    for name, recipe in VARIANTS.items():
        network = Network(variant(material, **recipe))
        found = agreement(reference, poses(network, material.held_out))
        ap = measure(data_dir() / "coco-dev", {name: heads_pose(network)})[name][0]
        print(f"  {found:.4f}   {ap:.3f}   {name}", flush=True)


def variant(material, strength, quantile=1.0, fit=None):
    """The bytes of one post-training variant."""
    graph = equalise(material.graph, material.extremes, strength)
    ranges = calibrated(graph, material, quantile)
    if fit:
        shifted = shift_input(graph)
        scheme = fitted(shifted, ranges, material.calibration, only_biases=fit == "biases")
        return write_int8(shifted, scheme, DESCRIPTION)
    return int8_bytes(graph, ranges)


if __name__ == "__main__":
    main()
