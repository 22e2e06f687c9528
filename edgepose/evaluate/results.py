"""Poses that another run or another tool has found: COCO results, or our JSON lines."""

import hashlib
import json
import os

import numpy as np

from edgepose.errors import ConfigError
from edgepose.evaluate import jsonfile
from edgepose.evaluate.annotations import N_KEYPOINTS
from edgepose.evaluate.poses import Poses
from edgepose.sinks.jsonl import SCHEMA


def read(path, annotations, pictures):
    """(poses, about) from a results file.

    Parameters
    ----------
    path : str; a JSON list is COCO results, anything else must be JSON lines of `edgepose run`
    annotations : Annotations
    pictures : list of Picture that are evaluated; results of others are left out

    Returns
    -------
    poses : {image id: Poses}; pictures that the file does not name have none
    about : dict, "format", "sha256", "images" that the file names, and what JSON lines say of their making

    Raises
    ------
    ConfigError : neither format, or no result belongs to the pictures; names the place in the file
    """
    data = jsonfile.read(path)
    found, about = (_coco if data.lstrip()[:1] == b"[" else _lines)(data, path, annotations, pictures)
    if not found:
        raise ConfigError(f"{path}: none of its results is for the {len(pictures)} images that are evaluated")
    about |= {"file": path, "sha256": hashlib.sha256(data).hexdigest(), "images": len(found)}
    return {picture.id: found.get(picture.id, Poses.of([])) for picture in pictures}, about


def _coco(data, path, annotations, pictures):
    """COCO's results format; their own scores rank them."""
    wanted, found = {picture.id for picture in pictures}, {}
    for n, entry in enumerate(jsonfile.parse(data, path)):
        where = f"{path}: result {n}"
        image_id = entry.get("image_id") if isinstance(entry, dict) else None
        if type(image_id) is not int:
            raise ConfigError(f"{where}: needs a whole number as image_id, as COCO's results format has")
        if image_id in wanted and entry.get("category_id") == annotations.category_id:
            found.setdefault(image_id, []).append(_coco_pose(entry, where))
    return {image_id: Poses.of(*zip(*poses)) for image_id, poses in found.items()}, {"format": "COCO results"}


def _coco_pose(entry, where):
    if not jsonfile.is_number(entry.get("score")):
        raise ConfigError(f"{where}: score is {jsonfile.brief(entry.get('score'))}; it takes a number")
    return jsonfile.numbers(entry, "keypoints", 3 * N_KEYPOINTS, where), entry["score"]


def _lines(data, path, annotations, pictures):
    """Our JSON lines, matched by the picture's name."""
    ids = {os.path.basename(picture.file): picture.id for picture in pictures}
    ids |= {picture.file: picture.id for picture in pictures}
    found, makers = {}, set()
    for n, line in enumerate(data.splitlines(), 1):
        value = _parse(line, f"{path}: line {n}")
        image_id = ids.get(value["file"])
        if image_id in found:
            raise ConfigError(f"{path}: line {n}: a second line for {value['file']}; give each picture once")
        if image_id is not None:
            found[image_id] = _line_poses(value, f"{path}: line {n}")
            makers.add((value.get("model"), value.get("backend")))
    about = dict(zip(("model", "backend"), makers.pop())) if len(makers) == 1 else {}
    return found, {"format": SCHEMA, **about}


def _parse(line, where):
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise ConfigError(f"{where}: neither a COCO results list nor a line of {SCHEMA}")
    if not isinstance(value.get("file"), str) or not isinstance(value.get("poses"), list):
        raise ConfigError(f"{where}: needs file, the picture's name, and poses; `edgepose run DIR` writes both")
    if value.get("skeleton") != "coco17":
        raise ConfigError(f"{where}: skeleton {jsonfile.brief(value.get('skeleton'))}; only coco17 can be evaluated")
    return value


def _line_poses(value, where):
    try:
        poses = Poses.of([pose["keypoints"] for pose in value["poses"]])
    except (KeyError, TypeError, ValueError):
        poses = None
    if poses is None or len(poses) != len(value["poses"]) or not np.isfinite(poses.keypoints).all():
        raise ConfigError(f"{where}: a pose without {N_KEYPOINTS} keypoints of x, y and score")
    return poses
