"""How a body holds itself, from its keypoints, in integers.

Lengths of the body are in thousandths of its stature (Drillis and Contini 1966, as in Winter, Biomechanics, table 4.1).
"""

from math import atan2, degrees, isqrt

from edgepose.daemon.rules.conditions import GROUPS
from edgepose.pose import score_to_q16

TORSO, THIGH, SHANK = 288, 245, 246  # hip to shoulder, hip to knee, knee to ankle
TILTED = 650  # thousandths of the torso's length, how far up it reaches at most that leans by 50 degrees to any side
UPRIGHT = 800  # the same, at least, when it leans by less than 37 degrees
LOW_HIPS = THIGH * 9 // 10  # hips lower than that over the ankles are lower than any seat, which is a shank high
STRAIGHT_PERCENT = 130  # of the torso's height: hips over ankles of who stands, 170; of who sits, 94 at most
SEEN_Q16 = score_to_q16(0.2)  # of a keypoint, the models' own `visible_score`


class Anatomy:
    """Where a skeleton has the parts of a body: tuples of indices."""

    def __init__(self, skeleton):
        self.n_keypoints = len(skeleton.keypoints)
        self.head, self.shoulders, self.hips, self.knees, self.ankles = (
            tuple(i for i, name in enumerate(skeleton.keypoints) if name in GROUPS[group])
            for group in ("head", "shoulders", "hips", "knees", "ankles"))


class Posture:
    """What one sight of a body shows; all places in 1/16 px.

    Attributes
    ----------
    xs, ys, seen : lists, of each keypoint; the places of those that are not seen mean nothing
    box : list of int, x, y, width, height
    mean_q16 : int, mean score of the keypoints
    has_torso : bool, a shoulder and a hip are seen; what follows is out of date without
    torso_x, torso_y : int, from the hips to the shoulders, right and up
    trunk_x, trunk_y : int, middle of hips and shoulders
    hips_x, hips_y : int
    feet_y : int, or None where no ankle is seen
    torso_q4 : int, length of the torso in the picture
    leans_little : bool, the torso leans by less than 27 degrees in the picture
    chain_q4 : int, how tall the body is, as far as its torso and legs show; foreshortening makes it shorter
    is_standing : bool, upright on straight legs, so that the chain is the stature
    """

    def __init__(self, anatomy):
        self._anatomy, n = anatomy, anatomy.n_keypoints
        self.xs, self.ys, self.seen, self.box, self.mean_q16 = [0] * n, [0] * n, [False] * n, [0] * 4, 0
        self.has_torso = self.is_standing = self.leans_little = False
        self.torso_q4 = self.torso_x = self.torso_y = self.trunk_x = self.trunk_y = self.hips_x = self.hips_y = 0
        self.feet_y, self.chain_q4 = None, 0

    def read(self, poses, person):
        """Take over a pose of a batch."""
        self.xs[:], self.ys[:] = poses.keypoints_q4[person, :, 0].tolist(), poses.keypoints_q4[person, :, 1].tolist()
        scores = poses.keypoint_scores_q16[person].tolist()
        self.mean_q16 = sum(scores) // len(scores)
        for i, score in enumerate(scores):
            self.seen[i] = score >= SEEN_Q16
        self.box[:] = poses.boxes_q4[person].tolist()
        self._measure()

    def middle(self, indices):
        """(x, y) in the middle of those that are seen, or None where none is."""
        n = x = y = 0
        for i in indices:
            if self.seen[i]:
                n, x, y = n + 1, x + self.xs[i], y + self.ys[i]
        return (x // n, y // n) if n else None

    def place(self):
        """(x, y) of the body as a whole: the middle of the hips, else of the box."""
        x, y, width, height = self.box
        return self.middle(self._anatomy.hips) or (x + width // 2, y + height // 2)

    def is_tilted(self, torso_q4):
        """Whether a torso that is so long leans by 50 degrees or more, to a side or along the line of sight."""
        return self.torso_y * 1000 <= TILTED * torso_q4

    def is_upright(self, torso_q4):
        """Whether a torso that is so long leans by less than 37 degrees."""
        return self.torso_y * 1000 >= UPRIGHT * torso_q4

    def has_low_hips(self, stature_q4):
        """Whether the hips are lower over the ankles than any seat; None where no ankle is seen."""
        return None if self.feet_y is None else (self.feet_y - self.hips_y) * 1000 <= LOW_HIPS * stature_q4

    def lean_degrees(self):
        """How far the torso leans from upright in the picture, 0..180, for people to read; None without a torso."""
        return round(degrees(atan2(abs(self.torso_x), self.torso_y))) if self.has_torso else None

    def _measure(self):
        parts = self._anatomy
        hips, shoulders = self.middle(parts.hips), self.middle(parts.shoulders)
        self.has_torso = hips is not None and shoulders is not None
        if not self.has_torso:
            self.is_standing = self.leans_little = False
            return
        self.hips_x, self.hips_y = hips
        self.torso_x, self.torso_y = shoulders[0] - hips[0], hips[1] - shoulders[1]
        self.trunk_x, self.trunk_y = (hips[0] + shoulders[0]) // 2, (hips[1] + shoulders[1]) // 2
        self._measure_legs(hips, self.middle(parts.knees), self.middle(parts.ankles))

    def _measure_legs(self, hips, knees, ankles):
        self.feet_y, self.leans_little = ankles[1] if ankles else None, self.torso_y > 2 * abs(self.torso_x)
        self.torso_q4 = isqrt(self.torso_x ** 2 + self.torso_y ** 2)
        chain, parts = self.torso_q4, TORSO
        if knees:
            chain, parts = chain + _distance(hips, knees), parts + THIGH
            if ankles:
                chain, parts = chain + _distance(knees, ankles), parts + SHANK
        self.chain_q4 = max(chain * 1000 // parts, 1)
        self.is_standing = bool(knees and ankles and self.leans_little
                                and (ankles[1] - hips[1]) * 100 >= STRAIGHT_PERCENT * self.torso_y)


def _distance(a, b):
    return isqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
