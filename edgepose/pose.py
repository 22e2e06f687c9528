"""Poses as fixed-point integers in arrays that are allocated once.

The formats, here and nowhere else:

==============================  =========================================
keypoint x, y, box, source px   int32, 4 fraction bits (1/16 px), `_q4`
score                           uint16, 0..65535 for 0..1, `_q16`
letterbox scale and corner      Q16.16 source px, `_q16`
time                            int64 ns, monotonic, `_ns`
==============================  =========================================
"""

import numpy as np

Q4 = 16
SCORE_ONE = 65535


class PoseBatch:
    """The poses of one frame: a fixed capacity of people, the first `n` of them valid.

    Attributes
    ----------
    n : int, people found
    keypoints_q4 : int32 (capacity, K, 2), x and y, 1/16 source px
    keypoint_scores_q16 : uint16 (capacity, K)
    scores_q16 : uint16 (capacity,), score of the whole pose
    boxes_q4 : int32 (capacity, 4), x, y, width, height around the visible keypoints, 1/16 source px
    track_ids : int32 (capacity,), -1 where no tracker ran
    seq, t_ns, width, height, file : of the frame
    picture : uint8 (height, width, 3) RGB, or None; lent until the sinks' `write` returns
    """

    __slots__ = (
        "boxes_q4",
        "file",
        "height",
        "keypoint_scores_q16",
        "keypoints_q4",
        "n",
        "picture",
        "scores_q16",
        "seq",
        "skeleton",
        "t_ns",
        "track_ids",
        "width",
    )

    def __init__(self, capacity, skeleton):
        n_keypoints = len(skeleton.keypoints)
        self.n, self.skeleton = 0, skeleton
        self.keypoints_q4 = np.zeros((capacity, n_keypoints, 2), np.int32)
        self.keypoint_scores_q16 = np.zeros((capacity, n_keypoints), np.uint16)
        self.scores_q16 = np.zeros(capacity, np.uint16)
        self.boxes_q4 = np.zeros((capacity, 4), np.int32)
        self.track_ids = np.full(capacity, -1, np.int32)
        self.seq = self.t_ns = self.width = self.height = 0
        self.file = self.picture = None

    @property
    def capacity(self):
        return len(self.scores_q16)

    def describe(self, slot):
        """Take over what a slot knows of its frame."""
        self.seq, self.t_ns, self.file = slot.seq, slot.t_ns, slot.file
        self.width, self.height, self.picture = slot.width, slot.height, slot.picture

    def put(self, place, other, i):
        """Copy a pose of a batch with the same skeleton, or another of this one, to a place here."""
        self.keypoints_q4[place] = other.keypoints_q4[i]
        self.keypoint_scores_q16[place] = other.keypoint_scores_q16[i]
        self.scores_q16[place] = other.scores_q16[i]
        self.boxes_q4[place] = other.boxes_q4[i]
        self.track_ids[place] = other.track_ids[i]

    def keypoints(self):
        """Float32 (n, K, 3): x and y in source px, score 0..1. A copy, for people and plots."""
        out = np.empty((self.n, self.keypoints_q4.shape[1], 3), np.float32)
        out[..., :2] = self.keypoints_q4[:self.n] / Q4
        out[..., 2] = self.keypoint_scores_q16[:self.n] / SCORE_ONE
        return out

    def copy(self):
        """A batch of its own with the same poses, for those who must keep one; without the lent picture."""
        other = PoseBatch(self.capacity, self.skeleton)
        for name in ("keypoints_q4", "keypoint_scores_q16", "scores_q16", "boxes_q4", "track_ids"):
            getattr(other, name)[:] = getattr(self, name)
        for name in ("n", "seq", "t_ns", "width", "height", "file"):
            setattr(other, name, getattr(self, name))
        return other

    def __len__(self):
        return self.n

    def __repr__(self):
        return f"<PoseBatch {self.n} of at most {self.capacity}, frame {self.seq}>"


def score_to_q16(score):
    """A score of 0..1 as the integer that `scores_q16` holds."""
    return round(score * SCORE_ONE)
