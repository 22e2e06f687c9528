"""Whom to look at again from the side, and where."""

from edgepose.daemon.rules.sideways import Ask
from edgepose.pose import score_to_q16

EVERY_NS = 200_000_000  # a camera asks at most so often
AGAIN_NS = 1_000_000_000  # after the first second of being down, or out of sight, a body is looked at once a second
SIDE_PERCENT = 160  # of the stature: a body lies in it whichever way it went down from the middle
POOR_Q16 = score_to_q16(0.4)  # mean of the keypoints' scores below which a body that is down is looked at again
FIRST_NS = 1_000_000_000  # for so long anybody who vanished within the picture is looked for
LEAST_SIDE_Q4 = 32 << 4
AHEAD_PERCENT = 40  # of the stature: how much lower the trunk of somebody is looked for who vanished while up


class Looks:
    """Takes turns among the bodies that a second look may help.

    Parameters
    ----------
    anatomy : Anatomy
    """

    def __init__(self, anatomy):
        self._anatomy, self._asked_ns = anatomy, -EVERY_NS

    def choose(self, bodies, poses, now_ns):
        """An Ask, or None; `poses` are of the frame that `bodies` do not know of yet."""
        if now_ns - self._asked_ns < EVERY_NS:
            return None
        wanted = [body for body in bodies.used
                  if body.is_sure and _is_wanted(body, _place(body, poses), poses, now_ns)]
        if not wanted:
            return None
        body = min(wanted, key=lambda one: one.asked_ns)
        body.asked_ns = self._asked_ns = now_ns
        return Ask(body.track_id, _square(body, poses), _turns(body))


def _place(body, poses):
    for i in range(poses.n):
        if poses.track_ids[i] == body.track_id:
            return i
    return -1


def _is_wanted(body, place, poses, now_ns):
    """Whether a body is low and hardly seen, or vanished where it cannot have left; after a second not so often."""
    falling = body.falling
    is_low = falling.is_down or falling.is_dropping or falling.has_fallen
    since_ns = falling.down_ns if falling.is_down else now_ns
    is_due = now_ns - since_ns <= FIRST_NS or now_ns - body.asked_ns >= AGAIN_NS
    if place >= 0:
        scores = poses.keypoint_scores_q16[place]
        return is_low and is_due and int(scores.sum()) < POOR_Q16 * len(scores)
    if body.is_cut_off:
        return False
    return body.unseen_ns(now_ns) <= FIRST_NS or (is_low and is_due)


def _square(body, poses):
    """(x, y, width, height), 1/16 px, about where the body is, or went down to; moved into the picture where it can."""
    x, y, width, height = body.posture.box
    side = max(body.stature_q4 * SIDE_PERCENT // 100, LEAST_SIDE_Q4)
    x, y = x + width // 2, y + height // 2
    if not body.falling.is_down:
        y += body.stature_q4 * AHEAD_PERCENT // 100
    return (_inside(x - side // 2, side, poses.width << 4), _inside(y - side // 2, side, poses.height << 4), side, side)


def _inside(start, side, limit):
    """Where a square that long begins, so that as much of it as can be lies in the picture."""
    return min(max(start, 0), limit - side) if side <= limit else (limit - side) // 2


def _turns(body):
    """Quarters counter-clockwise that set the body upright, as far as its last torso tells."""
    posture = body.posture
    if posture.has_torso and abs(posture.torso_x) > abs(posture.torso_y):
        return (3, 1, 2) if posture.torso_x < 0 else (1, 3, 2)
    return (2, 1, 3) if posture.has_torso and posture.torso_y < 0 else (1, 3, 2)
