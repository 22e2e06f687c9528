"""The next crop from this frame's pose: MoveNet's crop region, made right.

The published rule (TensorFlow's MoveNet tutorial, "cropping algorithm"): a square about the middle of the hips, half as
large as the torso's reach times 1.9 or the whole body's times 1.2, whichever is more; the whole picture where that is
larger. Here the reach is that of every keypoint that scores enough, where it is and where its speed takes it by the
next frame's time, and the torso does not get shorter as fast as a bow makes it look.
"""

import numpy as np

from edgepose.errors import ConfigError
from edgepose.pose import score_to_q16

TORSO_PERCENT, BODY_PERCENT = 190, 120
LEAST_SCORE_Q16 = score_to_q16(0.2)
FORGET_NS = 1_000_000_000  # a pose older than that says nothing of where the person is
SHORTEN_NS = 3_000_000_000  # over which a torso's reach follows a shorter one
LEAST_HALF_Q4 = 16 << 4  # px, of the crop's side
STEADY_PARTS = 16  # a crop stays as it is while the wanted one differs by less than that part of its side
_TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")


class CropFollower:
    """Follows one person: `update` with a pose, then `crop` for the frame that comes next.

    Parameters
    ----------
    skeleton : Skeleton with shoulders and hips

    Raises
    ------
    ConfigError : the skeleton has no shoulders or no hips

    Notes
    -----
    Every keypoint that scored 0.2 or more lies inside the next crop as long as it moves on as it did
    (tests/unit/test_follow.py). Integers only; what it is given is read during the call only.
    """

    def __init__(self, skeleton):
        missing = [name for name in _TORSO if name not in skeleton.keypoints]
        if missing:
            raise ConfigError(f"skeleton {skeleton.name} has no {missing[0]}; a crop follows shoulders and hips")
        places = [skeleton.keypoints.index(name) for name in _TORSO]
        self._shoulders, self._hips = places[:2], places[2:]
        n_keypoints = len(skeleton.keypoints)
        self._now, self._before, self._way, self._ahead = np.zeros((4, n_keypoints, 2), np.int64)
        self._seen, self._was_seen, self._both = np.zeros((3, n_keypoints), bool)
        self._size = None
        self.reset()

    def reset(self):
        """Forget the person: the next crop is the whole picture."""
        self._t_ns, self._dt_ns, self._torso_q4, self._is_found, self._crop = 0, 0, 0, False, None
        self._was_seen.fill(False)
        self._seen.fill(False)

    def update(self, poses, person=0):
        """Learn where the person is.

        Parameters
        ----------
        poses : PoseBatch
        person : int, which of its poses; one that is not there means that the person is lost
        """
        if person >= poses.n or self._size != (poses.width, poses.height):
            self.reset()
        if person >= poses.n:
            return
        self._size = (poses.width, poses.height)
        dt_ns = poses.t_ns - self._t_ns if self._is_found else 0
        if not 0 <= dt_ns <= FORGET_NS:
            self.reset()
            dt_ns = 0
        self._read(poses, person, dt_ns)
        self._is_found = bool(self._seen[self._shoulders].any() and self._seen[self._hips].any())
        if self._is_found:
            self._measure_torso(dt_ns)

    def _read(self, poses, person, dt_ns):
        """Take the keypoints over, and the way that each went since; a timestamp that repeats is no way."""
        self._before, self._now = self._now, self._before
        self._was_seen, self._seen = self._seen, self._was_seen
        np.copyto(self._now, poses.keypoints_q4[person])
        np.greater_equal(poses.keypoint_scores_q16[person], LEAST_SCORE_Q16, out=self._seen)
        np.logical_and(self._seen, self._was_seen, out=self._both)
        self._way.fill(0)
        if dt_ns:
            for axis in (0, 1):
                np.subtract(self._now[:, axis], self._before[:, axis], out=self._way[:, axis], where=self._both)
        self._t_ns, self._dt_ns = poses.t_ns, dt_ns

    def _measure_torso(self, dt_ns):
        x, y = self._middle(self._now)
        torso = max(max(abs(int(self._now[k, 0]) - x), abs(int(self._now[k, 1]) - y))
                    for k in self._shoulders + self._hips if self._seen[k])
        self._torso_q4 = max(torso, self._torso_q4 - self._torso_q4 * dt_ns // (dt_ns + SHORTEN_NS))

    def _middle(self, places):
        """(x, y) of the hips that are seen."""
        hips = [k for k in self._hips if self._seen[k]]
        return tuple(sum(int(places[k, axis]) for k in hips) // len(hips) for axis in (0, 1))

    def follows(self, t_ns):
        """Whether there is a pose with a hip and a shoulder that is young enough to follow."""
        return self._is_found and t_ns - self._t_ns <= FORGET_NS

    def crop(self, t_ns):
        """The crop for a frame taken at a time.

        Returns
        -------
        (x, y, width, height) int, 1/16 source px, a square that may reach over the picture's edge, as `Letterbox.write`
        takes it; None for the whole picture
        """
        elapsed_ns = max(t_ns - self._t_ns, 0)
        if not self.follows(t_ns):
            return None
        width, height = self._size[0] << 4, self._size[1] << 4
        self._look_ahead(elapsed_ns)
        x, y = self._middle(self._ahead)
        x, y = min(max(x, 0), width), min(max(y, 0), height)
        half = min(self._reach(x, y), max(x, width - x, y, height - y))
        if 2 * half > max(width, height):
            return None
        half = max(half, LEAST_HALF_Q4)
        return self._steady((x - half, y - half, 2 * half, 2 * half))

    def _steady(self, wanted):
        """The crop before, where it will do: pictures that do not tremble let a motion gate shut."""
        crop = self._crop
        if crop is None or any(STEADY_PARTS * abs(a - b) > crop[2] for a, b in zip(crop, wanted)):
            self._crop = wanted
        return self._crop

    def _look_ahead(self, elapsed_ns):
        """Where the keypoints will be; nobody keeps a speed for longer than twice the time it was measured over."""
        np.copyto(self._ahead, self._now)
        if self._dt_ns:
            np.multiply(self._way, min(elapsed_ns, 2 * self._dt_ns), out=self._ahead)
            np.floor_divide(self._ahead, self._dt_ns, out=self._ahead)
            np.add(self._ahead, self._now, out=self._ahead)

    def _reach(self, x, y):
        """Half the crop's side, 1/16 px, before the picture's size limits it."""
        body = 0
        for places in (self._now, self._ahead):
            for axis, middle in ((0, x), (1, y)):
                low = int(places[:, axis].min(where=self._seen, initial=middle))
                high = int(places[:, axis].max(where=self._seen, initial=middle))
                body = max(body, middle - low, high - middle)
        return max(TORSO_PERCENT * self._torso_q4, BODY_PERCENT * body) // 100


def crop_around(box, percent, width, height):
    """A square about a box.

    Parameters
    ----------
    box : (x, y, width, height) int, 1/16 source px
    percent : int, its side, of the box's longer one
    width, height : int, px, of the picture

    Returns
    -------
    as `CropFollower.crop`: None where the square is larger than the picture
    """
    half = max(max(int(box[2]), int(box[3])) * percent // 200, LEAST_HALF_Q4)
    if half > max(width, height) << 3:
        return None
    x, y = int(box[0]) + int(box[2]) // 2, int(box[1]) + int(box[3]) // 2
    return x - half, y - half, 2 * half, 2 * half
