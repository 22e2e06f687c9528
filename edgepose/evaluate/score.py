"""All numbers of an evaluation, from annotations and poses."""

from dataclasses import dataclass

import numpy as np

from edgepose.evaluate import rates, similarity
from edgepose.evaluate.annotations import gather
from edgepose.evaluate.precision import average_precision
from edgepose.skeleton import COCO17


@dataclass(frozen=True)
class Judged:
    """One picture's people, and the poses that answer them.

    Attributes
    ----------
    entries : list of N annotations
    answers : int (N,), the pose for each person, -1 where there is none
    found : float64 (N, 17, 2), the answers' keypoints, px; NaN where there is none
    oks : float64 (N,), 0 where there is none
    """

    entries: list
    answers: np.ndarray
    found: np.ndarray
    oks: np.ndarray


def judge(annotations, image_id, poses):
    """Match the Poses of one picture with its people."""
    entries, xy = annotations.counted(image_id), poses.keypoints[..., :2]
    table = similarity.oks(xy, gather(entries))
    answers = similarity.match(table)
    found, values = np.full((len(entries), *xy.shape[1:]), np.nan), np.zeros(len(entries))
    hit = np.flatnonzero(answers >= 0)
    found[hit], values[hit] = xy[answers[hit]], table[answers[hit], hit]
    return Judged(entries, answers, found, values)


def evaluate(annotations, poses):
    """(numbers, {image id: Judged}) of all pictures that were looked at.

    Parameters
    ----------
    annotations : Annotations
    poses : {image id: Poses}, one entry for every picture, also where nobody was found

    Returns
    -------
    numbers : dict of plain values, ready for JSON: "counts", "oks", "keypoints", "limbs"
    """
    judged = {image_id: judge(annotations, image_id, found) for image_id, found in poses.items()}
    people = gather([entry for one in judged.values() for entry in one.entries])
    found = np.concatenate([one.found for one in judged.values()])
    counts = {"images": len(poses), "people": len(people.areas), "poses": sum(map(len, poses.values())),
              "people_without_pose": int(sum((one.answers < 0).sum() for one in judged.values())),
              "labelled_keypoints": int(people.labelled.sum())}
    keypoints = {metric.name: _keypoint_numbers(metric, people, found) for metric in rates.METRICS}
    limbs = _numbers(rates.LIMBS, *rates.limb_rate(people, found)) | {"threshold": rates.PCP_THRESHOLD}
    return {"counts": counts, "oks": average_precision(annotations, poses), "keypoints": keypoints,
            "limbs": {"PCP@0.5": limbs}}, judged


def _keypoint_numbers(metric, people, found):
    right, counted = rates.keypoint_rate(metric, people, found)
    about = {"threshold": metric.threshold, "length": metric.length}
    return _numbers(COCO17.keypoints, right, counted) | about


def _numbers(names, right, counted):
    """Rates by name and over all that were counted together; None where nothing was."""
    by_name = {name: _rate(r, n) for name, r, n in zip(names, right, counted)}
    return {"all": _rate(right.sum(), counted.sum()), "each": by_name}


def _rate(right, counted):
    return {"rate": float(right / counted) if counted else None, "counted": int(counted)}
