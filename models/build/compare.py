"""How closely a quantised network follows the float one, without labels."""

import checkout  # noqa: F401
import numpy as np
from movenet import decode

from edgepose.evaluate.similarity import SIGMAS

PERSON_AREA = 0.3  # of the crop
VISIBLE = 0.2


def poses(network, crops):
    """float (n, 17, 3): x and y as shares of the crop, score."""
    share = np.array([1 / network.size, 1 / network.size, 1])
    return np.array([decode(network.run(crop)) for crop in crops]) * share


def agreement(reference, found):
    """Mean keypoint similarity of two sets of poses, 0..1.

    COCO's per-keypoint similarity at a fixed person area, weighted by the
    reference's scores, over keypoints that the reference sees.

    Parameters
    ----------
    reference, found : float (n, 17, 3)
    """
    distance = ((reference[..., :2] - found[..., :2]) ** 2).sum(-1)
    similarity = np.exp(-distance / (2 * PERSON_AREA * (2 * SIGMAS) ** 2))
    weight = reference[..., 2] * (reference[..., 2] > VISIBLE)
    return float((similarity * weight).sum() / weight.sum())
