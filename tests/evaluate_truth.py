"""Small ground truth for the tests of `edgepose eval`."""

import json

import numpy as np
from PIL import Image

from edgepose.evaluate import annotations
from edgepose.evaluate.poses import Poses

#: A person of 100 x 200 px standing at (0, 0): torso 60 px, torso diameter hypot(40, 60), head 30 px.
STANDING = np.array([
    (50, 20), (55, 15), (45, 15), (60, 18), (40, 18), (70, 50), (30, 50), (80, 80), (20, 80), (85, 105), (15, 105),
    (65, 110), (35, 110), (65, 150), (35, 150), (65, 190), (35, 190)], float)
#: The torso runs straight down, so that its length is 60 px.
STANDING[[11, 12], 0] = (70, 30)


def person(id, image, at=(0, 0), unlabelled=(), **more):
    """A COCO annotation of the standing person."""
    keypoints = np.c_[STANDING + at, np.full(17, 2.0)]
    keypoints[list(unlabelled)] = 0
    return {"id": id, "image_id": image, "category_id": 1, "bbox": [*at, 100, 200], "area": 10000.0, "iscrowd": 0,
            "num_keypoints": 17 - len(unlabelled), "keypoints": keypoints.ravel().tolist(), **more}


def unlabelled_person(id, image, **more):
    return person(id, image, unlabelled=range(17), **more)


def coco(people, n_images=3, **more):
    """A COCO file's value, images 1.. of 320 x 240 px."""
    images = [{"id": i, "file_name": f"{i}.png", "width": 320, "height": 240} for i in range(1, n_images + 1)]
    return {"images": images, "annotations": people, "categories": [{"id": 1, "name": "person"}], **more}


def truth(people, **more):
    return annotations.Annotations("truth.json", coco(people, **more), "0" * 64)


def poses(*xy, score=0.5):
    """Poses of equal keypoint scores."""
    return Poses.of([np.c_[one, np.full(17, score)] for one in xy])


def write(folder, people, n_images=3):
    """Random pictures and their annotations on disk: (folder of pictures, annotation file)."""
    (folder / "images").mkdir()
    rng = np.random.default_rng(0)
    for i in range(1, n_images + 1):
        Image.fromarray(rng.integers(0, 256, (240, 320, 3), np.uint8)).save(folder / "images" / f"{i}.png")
    (folder / "truth.json").write_text(json.dumps(coco(people, n_images)))
    return folder / "images", folder / "truth.json"
