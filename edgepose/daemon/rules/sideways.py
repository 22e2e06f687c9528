"""A second look at who lies, or has vanished low in the picture, turned so that the network sees somebody upright.

Networks learn from people who stand: of somebody who lies they find little or nothing. The part of the picture is
letterboxed as ever, the model's input is turned by quarters of a circle, and the keypoints are turned back.
"""

from dataclasses import dataclass

import numpy as np

from edgepose.daemon.rules.posture import SEEN_Q16
from edgepose.letterbox import Letterbox
from edgepose.pose import PoseBatch, score_to_q16
from edgepose.ring import Slot

LEAST_Q16 = score_to_q16(0.25)  # mean of the keypoints' scores, as of somebody new in edgepose.track.crops
GOOD_Q16 = score_to_q16(0.4)  # no other turn is tried
OTHERS_PERCENT = 50  # of the smaller box: shared with somebody else's, it is somebody else
HALF_TURN = 2


@dataclass(frozen=True)
class Ask:
    """Whom to look at again.

    Attributes
    ----------
    track_id : int
    box_q4 : (x, y, width, height) int, 1/16 px, a square about where the body is or should be
    turns : tuple of int, quarters counter-clockwise by which to turn the picture, the likeliest first
    """

    track_id: int
    box_q4: tuple
    turns: tuple


class SidewaysLook:
    """Looks again, with the shared backend.

    Parameters
    ----------
    model : Model with a square input
    backend : Backend of that model, open
    decoder : Decoder of that model; one that finds several people finds the best of them

    Attributes
    ----------
    n_looks, n_found : int, turned pictures that went to the network, and looks that found somebody
    """

    def __init__(self, model, backend, decoder):
        self._backend, self._decoder, self._letterbox = backend, decoder, Letterbox.of(model.input)
        self._side = model.input.width if model.input.width == model.input.height else 0
        self._slot, self._turned = (Slot(model.input.height, model.input.width) for _ in range(2))
        self._turned.width = self._turned.height = self._side
        self._poses, self._best = (PoseBatch(decoder.capacity, decoder.skeleton) for _ in range(2))
        self.n_looks = self.n_found = 0

    def look(self, slot, ask, poses):
        """Replace or add the pose of somebody, if a turned picture shows them better.

        Parameters
        ----------
        slot : Slot with a `frame`
        ask : Ask, as `RuleBook.asks` gives it
        poses : PoseBatch of the frame, written

        Returns
        -------
        int, the place of the pose in `poses`, or None where nothing better was found
        """
        if slot.frame is None or not self._side:
            return None
        best_q16 = self._best_of(slot, ask)
        place = _place_of(ask.track_id, poses)
        if best_q16 < LEAST_Q16 or (place is not None and best_q16 <= _mean_q16(poses, place)):
            return None
        if place is None:
            place = poses.n
            if place == poses.capacity:
                return None
        if _is_somebody_else(self._best.boxes_q4[0], poses, place):
            return None
        poses.put(place, self._best, 0)
        poses.track_ids[place], poses.n = ask.track_id, max(poses.n, place + 1)
        self.n_found += 1
        return place

    def _best_of(self, slot, ask):
        """Mean keypoint score of the best pose of all turns, which `_best` then holds; 0 where there is none."""
        self._letterbox.write(slot.frame, self._slot, ask.box_q4)
        best_q16 = 0
        for turns in ask.turns:
            score_q16 = self._look_turned(turns)
            if score_q16 > best_q16 and self._turn_back(turns, slot):
                self._best.put(0, self._poses, 0)
                best_q16 = score_q16
            if best_q16 >= GOOD_Q16:
                break
        return best_q16

    def _look_turned(self, turns):
        np.copyto(self._turned.tensor, np.rot90(self._slot.tensor, turns))
        self._backend.infer(self._turned)
        self._decoder.decode(self._backend.outputs, self._turned, self._poses)
        self.n_looks += 1
        return _mean_q16(self._poses, 0) if self._poses.n else 0

    def _turn_back(self, turns, slot):
        """Turn the keypoints from 1/16 px of the turned input to 1/16 px of the picture; False where the body's middle
        lies at the edge of what was looked at: it is only a part of somebody, or somebody else."""
        poses, fit = self._poses, self._slot.fit
        _turn_points(poses.keypoints_q4[0], turns, self._side << 4)
        _box_of_points(poses)
        x, y, width, height = poses.boxes_q4[0].tolist()
        edge, past = self._side << 1, 14 * self._side
        if not (edge <= x + width // 2 <= past and edge <= y + height // 2 <= past):
            return False
        _to_picture(poses.keypoints_q4[0], fit, slot)
        _box_of_points(poses)
        return True


def _turn_points(points, turns, side):
    """Undo a turn of a square picture: what lies at (x, y) of the turned one lay there."""
    x, y = points[:, 0].copy(), points[:, 1].copy()
    if turns % 4 == 1:
        points[:, 0], points[:, 1] = side - y, x
    elif turns % 4 == HALF_TURN:
        points[:, 0], points[:, 1] = side - x, side - y
    elif turns % 4 == 3:
        points[:, 0], points[:, 1] = y, side - x


def _to_picture(points, fit, slot):
    """Map 1/16 input px to 1/16 source px, kept inside the picture as decoders do."""
    for axis, (origin_q16, limit) in enumerate(((fit.x0_q16, slot.width), (fit.y0_q16, slot.height))):
        wide = points[:, axis].astype(np.int64) * fit.scale_q16
        points[:, axis] = np.clip(((origin_q16 << 4) + wide + (1 << 15)) >> 16, 0, limit << 4)


def _box_of_points(poses):
    """The box around the keypoints that are seen, else around all."""
    points, seen = poses.keypoints_q4[0], poses.keypoint_scores_q16[0] >= SEEN_Q16
    points = points[seen] if seen.any() else points
    poses.boxes_q4[0, :2] = points.min(axis=0)
    poses.boxes_q4[0, 2:] = points.max(axis=0) - poses.boxes_q4[0, :2]


def _place_of(track_id, poses):
    for i in range(poses.n):
        if poses.track_ids[i] == track_id:
            return i
    return None


def _mean_q16(poses, i):
    return int(poses.keypoint_scores_q16[i].sum()) // poses.keypoint_scores_q16.shape[1]


def _is_somebody_else(box, poses, place):
    """Whether half of the smaller of two boxes is shared with another tracked person's."""
    for i in range(poses.n):
        if i != place and poses.track_ids[i] >= 0:
            shared, smaller = _shared(box.tolist(), poses.boxes_q4[i].tolist())
            if 100 * shared > OTHERS_PERCENT * smaller:
                return True
    return False


def _shared(a, b):
    """(shared area, area of the smaller) of two boxes."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0), max(min(a[2] * a[3], b[2] * b[3]), 1)
