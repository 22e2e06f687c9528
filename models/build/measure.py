"""Measure pose accuracy on the `crops` protocol: one person, one square crop.

Each image of `single_person.txt` is cut to a square of 1.25 times the longer
side of the ground-truth box, decoded exactly from the network's heads, and
scored with COCO's OKS AP.
"""

import argparse
import contextlib
import io
import os
from pathlib import Path

import numpy as np
from crops import cut_square, data_dir, read_image, square_around, to_image
from fetch import fetch_weights
from lower import write_float
from movenet import SIZE, decode, read_movenet
from network import Network
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

PEER = "peers/movenet_single_pose_lightning_ptq.tflite"
PAD = 0


def load_coco(folder):
    """The annotations, and the ids of the images with one person.

    Raises
    ------
    SystemExit : the data set is not there
    """
    if not (folder / "annotations.json").exists():
        raise SystemExit(f"{folder}: no annotations.json; set EDGEPOSE_DATA to the folder that holds coco-dev")
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(folder / "annotations.json"))
    wanted = set((folder / "single_person.txt").read_text().split())
    return coco, sorted(i for i, image in coco.imgs.items() if named(image, wanted))


def named(image, wanted):
    """Whether an image is listed, with or without its suffix."""
    name = image["file_name"]
    return name in wanted or Path(name).stem in wanted


def person_crops(folder, coco, ids, pad=PAD):
    """Yield (image id, square, uint8 BGR crop) for each listed image."""
    for image_id in ids:
        annotation = coco.imgToAnns[image_id][0]
        square = square_around(annotation["bbox"])
        image = read_image(folder / "images" / coco.imgs[image_id]["file_name"])
        yield image_id, square, cut_square(image, square, SIZE, pad)


def heads_pose(network):
    """A function from a BGR crop to a pose, for a network cut at its heads."""
    return lambda crop: decode(network.run(crop))


def published_pose(network):
    """The same for the published file: RGB in, (y, x, score) of 0..1 out."""

    def pose(crop):
        y, x, score = next(iter(network.run(crop[..., ::-1]).values()))[0].T
        return np.stack([x * SIZE, y * SIZE, score], 1)

    return pose


def results_of(pose_of, crops):
    """COCO results, one pose an image, scored by its mean keypoint score."""
    return [result(image_id, to_image(pose_of(crop), square, SIZE)) for image_id, square, crop in crops]


def result(image_id, pose):
    """One entry in COCO's results format."""
    keypoints = [float(value) for value in pose.ravel()]
    return dict(image_id=image_id, category_id=1, keypoints=keypoints, score=float(pose[:, 2].mean()))


def average_precision(coco, ids, results):
    """AP, AP50 and AP75 by OKS.

    Parameters
    ----------
    coco : COCO, the ground truth
    ids : image ids that count
    results : list in COCO's results format
    """
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(coco, coco.loadRes(results), "keypoints")
        judge.params.imgIds = ids
        judge.params.maxDets = [20]
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return tuple(float(value) for value in judge.stats[:3])


def measure(folder, networks, pad=PAD):
    """Accuracy of several networks on the same crops.

    Parameters
    ----------
    folder : Path of coco-dev
    networks : {name: function from a BGR crop to a pose}

    Returns
    -------
    {name: (AP, AP50, AP75)}
    """
    coco, ids = load_coco(folder)
    crops = list(person_crops(folder, coco, ids, pad))
    return {name: average_precision(coco, ids, results_of(pose, crops)) for name, pose in networks.items()}


def shared_models_dir():
    """The folder of peer models: EDGEPOSE_MODELS_SHARED, else ../shared/models."""
    return Path(os.environ.get("EDGEPOSE_MODELS_SHARED", data_dir().parent / "models"))


def float_pose():
    """{"float": function}, made from the published weights."""
    content = write_float(read_movenet(fetch_weights()), "MoveNet Lightning, float")
    return {"float": heads_pose(Network(content))}


def peer_pose():
    """{"published int8": function}, or nothing where that file is absent."""
    path = shared_models_dir() / PEER
    return {"published int8": published_pose(Network(path.read_bytes()))} if path.exists() else {}


def main():
    """Print one line for each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path, help=".tflite files cut at their heads")
    parser.add_argument("--float", action="store_true", help="measure the float network too")
    parser.add_argument("--no-peer", action="store_true", help="leave the published file out")
    parser.add_argument("--pad", type=int, default=PAD, help="value of the padding, default %(default)s")
    options = parser.parse_args()
    networks = {str(path): heads_pose(Network(path.read_bytes())) for path in options.models}
    networks |= float_pose() if options.float else {}
    networks |= {} if options.no_peer else peer_pose()
    print("   AP   AP50   AP75  model")
    for name, values in measure(data_dir() / "coco-dev", networks, options.pad).items():
        print("  ".join(f"{value:.3f}" for value in values), "", name)


if __name__ == "__main__":
    main()
