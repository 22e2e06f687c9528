"""Rates of keypoints and limbs that are near enough: PCK, PCKh, PDJ and PCP.

Sources: PCP: Ferrari, Marin-Jimenez, Zisserman, CVPR 2008. PCK: Yang, Ramanan, TPAMI 2013. PDJ: Sapp, Taskar,
CVPR 2013; Toshev, Szegedy, CVPR 2014. PCKh: Andriluka, Pishchulin, Gehler, Schiele, CVPR 2014.
"""

from dataclasses import dataclass

import numpy as np

from edgepose.skeleton import COCO17

_K = {name: i for i, name in enumerate(COCO17.keypoints)}


def _points(*names):
    return tuple(_K[name] for name in names)


NECK, HIPS = _points("left_shoulder", "right_shoulder"), _points("left_hip", "right_hip")


@dataclass(frozen=True)
class KeypointMetric:
    """A keypoint is right within `threshold` times a length of its person, from one end to the other.

    An end is the mean of its keypoints; a person who lacks the label of one of them is not counted.
    """

    name: str
    threshold: float
    ends: tuple
    length: str


METRICS = (
    KeypointMetric("PCK@0.2", 0.2, (NECK, HIPS), "torso, from the middle of the shoulders to the middle of the hips"),
    KeypointMetric("PCKh@0.5", 0.5, (_points("nose"), NECK), "head, from the nose to the middle of the shoulders"),
    KeypointMetric("PDJ@0.2", 0.2, (_points("left_shoulder"), _points("right_hip")),
                   "torso diameter, from the left shoulder to the right hip"),
)
PCP_THRESHOLD = 0.5

#: Limbs of PCP by name, each from end to end.
LIMBS = {"torso": (NECK, HIPS)} | {
    f"{side}_{limb}": (_points(f"{side}_{a}"), _points(f"{side}_{b}"))
    for limb, a, b in (("upper_arm", "shoulder", "elbow"), ("forearm", "elbow", "wrist"), ("thigh", "hip", "knee"),
                       ("shin", "knee", "ankle"))
    for side in ("left", "right")
}


def keypoint_rate(metric, people, found):
    """(right, counted) keypoints, int (17,) each.

    Parameters
    ----------
    metric : KeypointMetric
    people : People
    found : float (N, 17, 2), the poses that answer them, px; NaN where none does, which counts as wrong
    """
    a, b = (_end(people.xy, keypoints) for keypoints in metric.ends)
    known = _known(people.labelled, metric.ends)
    length = _distance(a, b)
    counted = people.labelled & (known & (length > 0))[:, None]
    right = _distance(found, people.xy) <= metric.threshold * length[:, None]
    return (right & counted).sum(axis=0), counted.sum(axis=0)


def limb_rate(people, found):
    """(right, counted) limbs, int (9,) each: right where both ends are within half the limb's true length.

    Parameters
    ----------
    people, found : as for `keypoint_rate`
    """
    counts = [_one_limb(ends, people, found) for ends in LIMBS.values()]
    return tuple(np.array(counts).T)


def _one_limb(ends, people, found):
    true, seen = ([_end(xy, keypoints) for keypoints in ends] for xy in (people.xy, found))
    length = _distance(*true)
    counted = _known(people.labelled, ends) & (length > 0)
    right = np.logical_and(*(_distance(s, t) <= PCP_THRESHOLD * length for s, t in zip(seen, true)))
    return (right & counted).sum(), counted.sum()


def _end(xy, keypoints):
    return xy[:, list(keypoints)].mean(axis=1)


def _known(labelled, ends):
    return labelled[:, list(ends[0] + ends[1])].all(axis=1)


def _distance(a, b):
    return np.hypot(*np.moveaxis(a - b, -1, 0))
