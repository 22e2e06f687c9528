"""Build models/movenet-lightning from the published float weights.

    python models/build/build.py

Learns from COCO pictures without labels, and reads coco-dev only to measure
the finished file. `--batches 0` leaves the training out.
"""

import argparse
import os
from functools import cached_property
from pathlib import Path

from calibrate import extremes, head_samples
from compare import agreement, poses
from crops import data_dir
from distil import Plan, distil
from equalise import equalise
from expose import expose
from fetch import cache_dir, fetch_weights
from lower import write_float, write_int8
from manifest import manifest
from measure import heads_pose, measure, peer_pose
from movenet import read_movenet
from network import Network
from people import find_people, person_crops, whole_pictures
from quantise import quantise, shift_input
from ranges import head_ranges, inner_ranges
from rounding import fitted

TARGET = Path(__file__).resolve().parents[1] / "movenet-lightning"
FILE = "movenet-lightning.tflite"
FLOAT_FILE = "movenet-lightning-float.tflite"
DESCRIPTION = "MoveNet SinglePose Lightning, int8, cut at its heads"
COMMAND = "python models/build/measure.py models/movenet-lightning/movenet-lightning.tflite --float"
PICTURES = "coco-unlabelled"
HELD_OUT_EVERY = 4
WHOLE_EVERY = 8
QUANTILE = 0.99
BATCHES = 600


class Material:
    """The float network and the pictures it is calibrated and compared on."""

    def __init__(self):
        self.graph = read_movenet(fetch_weights())
        self.floats = Network(save(cache_dir() / FLOAT_FILE, write_float(self.graph, "MoveNet Lightning, float")))
        self.paths = sorted((data_dir() / PICTURES).glob("*.jpg"))
        if not self.paths:
            raise SystemExit(f"{data_dir() / PICTURES}: no pictures; set EDGEPOSE_DATA to the folder that holds it")
        self.held_out_paths = set(self.paths[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])

    @cached_property
    def everybody(self):
        """(path, box) of everybody in all pictures."""
        return find_people(self.floats, self.paths)

    @cached_property
    def people(self):
        """(path, box) of everybody in three of four pictures: to learn from."""
        return [person for person in self.everybody if person[0] not in self.held_out_paths]

    @cached_property
    def crops(self):
        """One crop of each of them, in order."""
        return person_crops(self.everybody)

    @property
    def held_out(self):
        """Crops of everybody in the other pictures: to choose by."""
        return [crop for crop, (path, _) in zip(self.crops, self.everybody) if path in self.held_out_paths]

    @cached_property
    def calibration(self):
        """Every other crop of those to learn from, and whole pictures."""
        learned = [crop for crop, (path, _) in zip(self.crops, self.everybody) if path not in self.held_out_paths]
        return [*learned[::2], *whole_pictures(self.paths[::WHOLE_EVERY])]

    @cached_property
    def extremes(self):
        """What every tensor of the float network holds over those crops."""
        return extremes(self.graph, self.calibration)

    @cached_property
    def head_ranges(self):
        """The ranges that the decode looks at."""
        return head_ranges(head_samples(self.floats, self.calibration))


def main():
    """Fetch, convert, calibrate, train, write, measure."""
    options = parse_options()
    material = Material()
    content = expose(learned(material, options.batches))
    path = options.output / FILE
    int8 = Network(save(path, content))
    print(f"wrote {len(content)} bytes to {path}")
    print(f"agreement {agreement(*(poses(network, material.held_out) for network in (material.floats, int8))):.4f}")
    text = manifest(int8, path, accuracy(material.floats, int8), COMMAND)
    save(options.output / "manifest.toml", text.encode())
    print("now run models/build/presence.py, which calibrates presence for this file")


def parse_options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=BATCHES, help="of distillation, default %(default)s")
    parser.add_argument("--output", type=Path, default=TARGET, help="folder, default %(default)s")
    return parser.parse_args()


def equalised(material):
    """The graph with channels rescaled, and the ranges of its tensors."""
    graph = equalise(material.graph, material.extremes)
    return graph, calibrated(graph, material, QUANTILE)


def calibrated(graph, material, quantile):
    """{tensor: (low, high)} of a float graph."""
    return inner_ranges(graph, extremes(graph, material.calibration), quantile) | material.head_ranges


def int8_bytes(graph, ranges):
    """The bytes of the int8 file at given ranges."""
    shifted = shift_input(graph)
    return write_int8(shifted, quantise(shifted, ranges), DESCRIPTION)


def learned(material, batches):
    """The bytes of the int8 file after rounding layer by layer, and training if wanted."""
    graph, ranges = equalised(material)
    shifted = shift_input(graph)
    scheme = fitted(shifted, ranges, material.calibration)
    if batches:
        scheme = distil(shifted, scheme, material.people, Plan(batches=batches), show)
    return write_int8(shifted, scheme, DESCRIPTION)


def show(line, _student):
    """Print how the training goes."""
    print(line, flush=True)


def accuracy(floats, int8):
    """AP of the float network, ours and the published int8 file."""
    networks = {"float": heads_pose(floats), "int8": heads_pose(int8)} | peer_pose()
    found = measure(data_dir() / "coco-dev", networks)
    for name, values in found.items():
        print(f"{name:15s} AP {values[0]:.3f}  AP50 {values[1]:.3f}  AP75 {values[2]:.3f}")
    peer = found.get("published int8", (0.0,))
    return dict(float_ap=found["float"][0], int8_ap=found["int8"][0], peer_int8_ap=peer[0])


def save(path, content):
    """Write bytes beside the place and move them there; gives the bytes back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, path)
    return content


if __name__ == "__main__":
    main()
