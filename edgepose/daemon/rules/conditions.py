"""What rules say of keypoints: `ankles`, `ankles in`, `hips below`, `head not seen`."""

from dataclasses import dataclass

from edgepose.errors import ConfigError

#: Groups of keypoints; what a skeleton has of them counts.
GROUPS = {
    "head": ("nose", "left_eye", "right_eye", "left_ear", "right_ear", "head_top"),
    "shoulders": ("left_shoulder", "right_shoulder"),
    "elbows": ("left_elbow", "right_elbow"),
    "hands": ("left_wrist", "right_wrist"),
    "wrists": ("left_wrist", "right_wrist"),
    "hips": ("left_hip", "right_hip"),
    "knees": ("left_knee", "right_knee"),
    "ankles": ("left_ankle", "right_ankle"),
    "torso": ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
}
WISHES = ("in", "not in", "below", "above", "seen", "not seen")


@dataclass(frozen=True)
class Condition:
    """`indices` of a skeleton's keypoints, and what is wished of them, one of WISHES."""

    group: str
    indices: tuple
    wish: str

    @property
    def has_place(self):
        """Whether it asks where the keypoints are, not only whether they are seen."""
        return not self.wish.endswith("seen")


def names(skeleton):
    """Every word that a condition may begin with."""
    return ("body", *(name for name in GROUPS if _members(name, skeleton)), *skeleton.keypoints)


def parse(text, skeleton):
    """The Condition that a text says.

    Parameters
    ----------
    text : str, a group or a keypoint, alone ("in" is meant) or with one of WISHES
    skeleton : Skeleton

    Raises
    ------
    ConfigError : a word that is not known
    """
    group, _, wish = text.strip().partition(" ")
    wish = " ".join(wish.split()) or "in"
    if group not in names(skeleton):
        raise ConfigError(f"keypoints {text!r}: {group!r} is not known; one of {', '.join(names(skeleton))}")
    if wish not in WISHES:
        raise ConfigError(f"keypoints {text!r}: {wish!r} is not known; one of {', '.join(WISHES)}")
    return Condition(group, _members(group, skeleton), wish)


def _members(name, skeleton):
    if name == "body":
        return tuple(range(len(skeleton.keypoints)))
    wanted = GROUPS.get(name, (name,))
    return tuple(i for i, keypoint in enumerate(skeleton.keypoints) if keypoint in wanted)
