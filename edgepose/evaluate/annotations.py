"""Ground truth: a COCO keypoint file, checked once so that the metrics can trust it."""

import os
from dataclasses import dataclass

import numpy as np

from edgepose.errors import ConfigError
from edgepose.evaluate import jsonfile

N_KEYPOINTS = 17
_WAY_OUT = "take a COCO keypoint file, such as person_keypoints_val2017.json"


@dataclass(frozen=True)
class Picture:
    """One image of the annotations; width and height in px, None where the file does not say."""

    id: int
    file: str
    width: int
    height: int


@dataclass(frozen=True)
class People:
    """People that count, one a row.

    Attributes
    ----------
    xy : float64 (N, 17, 2), source px
    labelled : bool (N, 17), COCO's visibility above 0: seen (2) or placed by guess (1)
    areas : float64 (N,), px²
    """

    xy: np.ndarray
    labelled: np.ndarray
    areas: np.ndarray


class Annotations:
    """What a COCO keypoint file says of the people in pictures.

    Parameters
    ----------
    path : str
    value : the file's JSON value
    sha256 : str, of the file

    Attributes
    ----------
    category_id : of people
    pictures : {image id: Picture}
    entries : {image id: list of COCO annotations of people, those that do not count included}

    Raises
    ------
    ConfigError : not COCO keypoint annotations; names the entry and the key
    """

    def __init__(self, path, value, sha256):
        self.path, self.sha256 = path, sha256
        images, annotations = _lists(path, value)
        self.pictures = {picture.id: picture for picture in map(self._picture, images)}
        self.category_id = _category(path, annotations)
        self.entries = {}
        for entry in annotations:
            if entry.get("category_id") == self.category_id:
                checked = self._entry(entry)
                self.entries.setdefault(checked["image_id"], []).append(checked)

    def counted(self, image_id):
        """The annotations of an image that count: people with keypoints, no crowds."""
        return [entry for entry in self.entries.get(image_id, ()) if counts(entry)]

    def people(self, image_id):
        """The People that count in an image."""
        return gather(self.counted(image_id))

    def _picture(self, image):
        where = f"{self.path}: image {jsonfile.brief(image.get('id'))}"
        if type(image.get("id")) is not int or not isinstance(image.get("file_name"), str):
            raise ConfigError(f"{where}: needs a whole number as id and a string as file_name")
        return Picture(image["id"], image["file_name"], image.get("width"), image.get("height"))

    def _entry(self, entry):
        """An annotation with every key that pycocotools and we read."""
        where = f"{self.path}: annotation {jsonfile.brief(entry.get('id'))}"
        if type(entry.get("image_id")) is not int or entry["image_id"] not in self.pictures:
            raise ConfigError(f"{where}: image_id {jsonfile.brief(entry.get('image_id'))} is not among the images")
        if not jsonfile.is_number(entry.get("area")):
            raise ConfigError(f"{where}: area is {jsonfile.brief(entry.get('area'))}; OKS needs a number, px²")
        keypoints = [0] * (3 * N_KEYPOINTS)
        if "keypoints" in entry:
            keypoints = jsonfile.numbers(entry, "keypoints", 3 * N_KEYPOINTS, where)
        n_labelled = sum(v > 0 for v in keypoints[2::3])
        n_said = entry.get("num_keypoints", n_labelled)
        return {"id": entry.get("id"), "image_id": entry["image_id"], "category_id": self.category_id,
                "bbox": jsonfile.numbers(entry, "bbox", 4, where), "area": entry["area"], "keypoints": keypoints,
                "iscrowd": int(bool(entry.get("iscrowd"))),
                "num_keypoints": n_labelled if n_said else 0}


def read(path):
    """The Annotations in a file; ConfigError where there are none."""
    return Annotations(path, *jsonfile.load(path))


def counts(entry):
    """Whether an annotation is a person to be found: COCO ignores crowds and people without keypoints."""
    return not entry["iscrowd"] and entry["num_keypoints"] > 0


def gather(entries):
    """People in the order of their annotations."""
    keypoints = np.array([entry["keypoints"] for entry in entries], float).reshape(-1, N_KEYPOINTS, 3)
    return People(keypoints[..., :2], keypoints[..., 2] > 0, np.array([entry["area"] for entry in entries], float))


def check_files(pictures, folder):
    """Raise ConfigError unless every picture is in the folder."""
    if not os.path.isdir(folder):
        raise ConfigError(f"{folder}: no directory; --images names the one that holds the annotated pictures")
    missing = [picture.file for picture in pictures if not os.path.isfile(os.path.join(folder, picture.file))]
    if missing:
        raise ConfigError(f"{folder}: {len(missing)} of the {len(pictures)} annotated images are missing, the first is"
                          f" {missing[0]}; --images names the directory that holds them")


def _lists(path, value):
    """(images, annotations) of the file, both lists of objects."""
    for key in ("images", "annotations"):
        found = value.get(key) if isinstance(value, dict) else None
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise ConfigError(f"{path}: has no list {key!r}; {_WAY_OUT}")
    return value["images"], value["annotations"]


def _category(path, annotations):
    """The id of the one category that has keypoints."""
    found = {entry["category_id"] for entry in annotations
             if "keypoints" in entry and type(entry.get("category_id")) is int}
    if not found:
        raise ConfigError(f"{path}: no annotation has keypoints and a category_id; {_WAY_OUT}")
    if len(found) > 1:
        raise ConfigError(f"{path}: keypoints of {len(found)} categories, only people can be evaluated; {_WAY_OUT}")
    return found.pop()
