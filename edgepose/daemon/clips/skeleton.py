"""The last seconds of poses, in arrays that are allocated once."""

import threading
from dataclasses import dataclass

import numpy as np

from edgepose.pose import SCORE_ONE

_MS = 1_000_000
_SPARE = 8  # frames, for cameras whose clock runs a little fast


@dataclass(frozen=True)
class Cut:
    """A piece of what a ring remembers, in memory of its own.

    Attributes
    ----------
    t_ns : int64 (F,), monotonic
    n : int32 (F,), people in each frame
    track_ids : int32 (F, P), -1 where nobody knows
    scores : int32 (F, P), percent
    keypoints : int32 (F, P, 3 K), x and y in 1/16 px of `size`, score in percent, of each keypoint in turn
    size : (width, height) int, px
    """

    t_ns: np.ndarray
    n: np.ndarray
    track_ids: np.ndarray
    scores: np.ndarray
    keypoints: np.ndarray
    size: tuple

    def frames(self, begin_ns):
        """Each frame as plain values, [t_ms from begin_ns, [[track_id, score, [x, y, score, ...]], ...]]."""
        for i, n in enumerate(self.n.tolist()):
            people = zip(self.track_ids[i, :n].tolist(), self.scores[i, :n].tolist(), self.keypoints[i, :n].tolist())
            yield [int(self.t_ns[i] - begin_ns) // _MS, [list(person) for person in people]]

    def __len__(self):
        return len(self.n)


class SkeletonRing:
    """Remembers the poses of the last frames; no pixel.

    Parameters
    ----------
    capacity_s : float, how far back it reaches at `fps` frames a second
    n_people : int, people a frame at most; further ones are left out
    skeleton : Skeleton
    fps : float, frames a second at most

    Notes
    -----
    `remember` allocates nothing (tests/steady/test_daemon_clips.py) and may run in another thread than `cut`: each
    holds a lock for as long as it takes to copy arrays.
    """

    def __init__(self, capacity_s, n_people, skeleton, fps=10.0):
        n_frames, n_keypoints = round(capacity_s * fps) + _SPARE, len(skeleton.keypoints)
        self.n_frames, self.n_people = 0, n_people
        self._lock = threading.Lock()
        self._t_ns, self._n = np.zeros(n_frames, np.int64), np.zeros(n_frames, np.int32)
        self._sizes = np.zeros((n_frames, 2), np.int32)
        self._track_ids = np.zeros((n_frames, n_people), np.int32)
        self._scores_q16 = np.zeros((n_frames, n_people), np.uint16)
        self._keypoints_q4 = np.zeros((n_frames, n_people, n_keypoints, 2), np.int32)
        self._keypoint_scores_q16 = np.zeros((n_frames, n_people, n_keypoints), np.uint16)

    @property
    def n_bytes(self):
        """What its arrays take, and will take for ever."""
        return sum(array.nbytes for array in vars(self).values() if isinstance(array, np.ndarray))

    def remember(self, poses):
        """Copy a frame's poses over the oldest one's."""
        with self._lock:
            i, n = self.n_frames % len(self._n), min(poses.n, self.n_people)
            self._t_ns[i], self._n[i] = poses.t_ns, n
            self._sizes[i, 0], self._sizes[i, 1] = poses.width, poses.height
            self._track_ids[i, :n] = poses.track_ids[:n]
            self._scores_q16[i, :n] = poses.scores_q16[:n]
            self._keypoints_q4[i, :n] = poses.keypoints_q4[:n]
            self._keypoint_scores_q16[i, :n] = poses.keypoint_scores_q16[:n]
            self.n_frames += 1

    def cut(self, begin_ns, end_ns):
        """The Cut of what was remembered from one time to another, both inclusive; it may be empty."""
        with self._lock:
            rows = self._rows(begin_ns, end_ns)
            sizes, points = self._sizes[rows], self._keypoints_q4[rows]
            copies = self._t_ns[rows], self._n[rows], self._track_ids[rows], self._scores_q16[rows]
            point_scores = self._keypoint_scores_q16[rows]
        t_ns, n, track_ids, scores_q16 = copies
        points = _in_one_size(points, sizes)
        keypoints = np.concatenate([points, _percent(point_scores)[..., None]], axis=3)
        keypoints *= keypoints[..., 2:] > 0
        size = tuple(sizes[-1].tolist()) if len(sizes) else (0, 0)
        return Cut(t_ns, n, track_ids, _percent(scores_q16), _flat(keypoints), size)

    def _rows(self, begin_ns, end_ns):
        """Where the frames of a time lie, in order; a time that went back ends what came before it."""
        capacity = len(self._n)
        rows = np.arange(max(0, self.n_frames - capacity), self.n_frames) % capacity
        back = np.flatnonzero(np.diff(self._t_ns[rows]) < 0)
        rows = rows[back[-1] + 1:] if len(back) else rows
        return rows[(self._t_ns[rows] >= begin_ns) & (self._t_ns[rows] <= end_ns)]


def _flat(keypoints):
    """(F, P, K, 3) as (F, P, 3 K)."""
    n_frames, n_people, n_keypoints, n_numbers = keypoints.shape
    return keypoints.reshape(n_frames, n_people, n_keypoints * n_numbers)


def _percent(scores_q16):
    """Scores as int32 0..100, rounded."""
    return (scores_q16.astype(np.int32) * 100 + SCORE_ONE // 2) // SCORE_ONE


def _in_one_size(points_q4, sizes):
    """All frames' keypoints in px of the last frame's size; int32 (F, P, K, 2)."""
    other = np.flatnonzero((sizes != sizes[-1:]).any(axis=1))
    for i in other.tolist():
        points_q4[i] = points_q4[i].astype(np.int64) * sizes[-1] // np.maximum(sizes[i], 1)
    return points_q4
