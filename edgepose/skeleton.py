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

_SKELETONS = {skeleton.name: skeleton for skeleton in (COCO17,)}


def find(name):
    """The skeleton of a name; ConfigError when there is none."""
    if name not in _SKELETONS:
        raise ConfigError(f"skeleton {name!r} is not known; one of {', '.join(_SKELETONS)}")
    return _SKELETONS[name]
