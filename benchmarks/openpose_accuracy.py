"""Accuracy of the OpenPose decoder beside its author's, on the same maps.

    python benchmarks/openpose_accuracy.py --data DIR [--model NAME]... [--backend NAME]

OKS-AP on DIR/coco-dev, protocol images. The author's decode is given twice: its poses ranked as ours, by the mean
score of their keypoints, and as the author ranks them; the better of the two is what ours is to reach. Then the share
of the poses reported on DIR/clips/vtest.avi that have six keypoints or more: ours at the manifest's threshold, the
author's as they are. `edgepose eval --decoder int` and `--decoder float` print the first two with all other numbers.
"""

import argparse

import numpy as np
import openpose_network

from edgepose import decoders, sources
from edgepose.evaluate import annotations, predict, protocols
from edgepose.evaluate.poses import Poses
from edgepose.evaluate.precision import average_precision
from edgepose.pose import PoseBatch
from edgepose.skeleton import COCO17, OPENPOSE18
from edgepose.skeleton import sources as places
from tests import openpose_oracle

ORDER = [pair[0] for pair in places(OPENPOSE18, COCO17)]
WAYS = ("ours", "author's, mean score", "author's, own score")
STEP, MANY = 5, 6  # every so many frames of the clip; keypoints of a pose that is no fragment


def main():
    """Print both tables for each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    openpose_network.add_arguments(parser)
    options = parser.parse_args()
    for network in openpose_network.networks(options):
        size = network.model.input
        print(f"{network.model.name} on {network.backend.name}, input {size.height}x{size.width}")
        measure_precision(network, options.data / "coco-dev")
        measure_fragments(network, options.data / "clips" / "vtest.avi")


def measure_precision(network, folder):
    """AP of the three ways on the pictures of the protocol."""
    truth = annotations.read(str(folder / "annotations.json"))
    decode, found = predict.make_decode(network.model, "int"), {way: {} for way in WAYS}
    for picture in protocols.select(truth, "images"):
        slot, outputs = network.infer(predict.load(picture, str(folder / "images")))
        theirs, scores = authors(network.model, outputs, slot)
        all_poses = (Poses.of(decode(outputs, slot)), Poses.of(theirs[:, ORDER]), Poses.of(theirs[:, ORDER], scores))
        for way, poses in zip(WAYS, all_poses):
            found[way][picture.id] = poses
    for way in WAYS:
        values = average_precision(truth, found[way])
        print(f"  {way:22}" + "  ".join(f"{name} {value:.4f}" for name, value in values.items()), flush=True)


def authors(model, outputs, slot):
    """(keypoints in source px, all 0 where missing; scores) of the author's decode."""
    names = list(model.outputs)
    maps = [openpose_oracle.real(outputs[names.index(name)], model.outputs[name]) for name in ("heatmap", "paf")]
    poses, scores = openpose_oracle.decode(*maps)
    x, y = slot.fit.to_source(poses[..., 0], poses[..., 1])
    inside = np.stack([np.clip(x, 0, slot.width), np.clip(y, 0, slot.height), poses[..., 2]], axis=-1)
    return np.where(poses[..., 2:] > 0, inside, 0), scores


def measure_fragments(network, clip):
    """Shares of poses with six keypoints or more."""
    decoder = decoders.create(network.model, OPENPOSE18.name)
    poses, ours, theirs = PoseBatch(decoder.capacity, OPENPOSE18), [], []
    source = sources.open_source(str(clip))
    while (frame := source.read()) is not None:
        if frame.seq % STEP == 0:
            slot, outputs = network.infer(frame)
            decoder.decode(outputs, slot, poses)
            ours += (poses.keypoint_scores_q16[:poses.n] > 0).sum(axis=1).tolist()
            theirs += (authors(network.model, outputs, slot)[0][..., 2] > 0).sum(axis=1).tolist()
    source.close()
    for who, counts in (("ours", ours), ("author's", theirs)):
        print(f"  {clip.name}: of {len(counts)} poses, {who}, {np.mean(np.array(counts) >= MANY):.1%}"
              f" have {MANY} keypoints or more", flush=True)


if __name__ == "__main__":
    main()
