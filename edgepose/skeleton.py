"""Skeletons: the names of keypoints and the limbs between them."""

from dataclasses import dataclass

from edgepose.errors import ConfigError


@dataclass(frozen=True)
class Skeleton:
    """Keypoint names in the order of the model's output; limbs are pairs of indices."""

    name: str
    keypoints: tuple
    limbs: tuple

    def side(self, keypoint):
        """'left', 'right' or 'middle' of the person, for a keypoint's index."""
        first = self.keypoints[keypoint].split("_")[0]
        return first if first in ("left", "right") else "middle"

    def limb_side(self, limb):
        """The side of a limb: that of both its ends, else 'middle'."""
        a, b = (self.side(k) for k in limb)
        return a if a == b else "middle"


#: COCO's 17 keypoints and limbs, https://cocodataset.org/#keypoints-eval
COCO17 = Skeleton(
    "coco17",
    ("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
     "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
     "right_ankle"),
    ((0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12), (11, 13),
     (13, 15), (12, 14), (14, 16)),
)

#: OpenPose's 18 keypoints in the order of Lightweight OpenPose's heatmaps; limbs as its parts affinity fields.
OPENPOSE18 = Skeleton(
    "openpose18",
    ("nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
     "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye", "left_eye",
     "right_ear", "left_ear"),
    ((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13), (1, 0),
     (0, 14), (14, 16), (0, 15), (15, 17)),
)

#: OpenPose's MPI model; neither the top of the head nor the chest is a keypoint of any network here, so the limbs run
#: from the neck to the hips.
MPI15 = Skeleton(
    "mpi15",
    ("head_top", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
     "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "chest"),
    ((0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),
)

#: OpenPose's BODY-25 model.
BODY25 = Skeleton(
    "body25",
    ("nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
     "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye",
     "left_eye", "right_ear", "left_ear", "left_big_toe", "left_small_toe", "left_heel", "right_big_toe",
     "right_small_toe", "right_heel"),
    ((1, 8), (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (8, 9), (9, 10), (10, 11), (8, 12), (12, 13), (13, 14),
     (1, 0), (0, 15), (15, 17), (0, 16), (16, 18), (14, 19), (19, 20), (14, 21), (11, 22), (22, 23), (11, 24)),
)

DEFAULT = COCO17.name
_SKELETONS = {skeleton.name: skeleton for skeleton in (COCO17, OPENPOSE18, MPI15, BODY25)}
#: Keypoints that lie in the middle of two others, where a network has none of their own.
_MIDDLES = {"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")}


def names():
    """The names of all skeletons."""
    return tuple(_SKELETONS)


def find(name):
    """The skeleton of a name; ConfigError when there is none."""
    if name not in _SKELETONS:
        raise ConfigError(f"skeleton {name!r} is not known; one of {', '.join(_SKELETONS)}")
    return _SKELETONS[name]


def sources(source, target):
    """Where each keypoint of one skeleton comes from in another.

    Parameters
    ----------
    source, target : Skeleton

    Returns
    -------
    tuple, for each keypoint of the target a pair of the source's indices, which are the same for a keypoint that the
    source has and two for one that lies in their middle; None where the source has nothing of the kind
    """
    places = {name: (i, i) for i, name in enumerate(source.keypoints)}
    for name, ends in _MIDDLES.items():
        if name not in places and all(end in places for end in ends):
            places[name] = tuple(places[end][0] for end in ends)
    return tuple(places.get(name) for name in target.keypoints)
