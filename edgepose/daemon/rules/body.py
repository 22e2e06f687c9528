"""Bodies over time: what a camera knows of each, kept by track, for a while after it is out of sight."""

from edgepose.daemon.rules.falling import Falling
from edgepose.daemon.rules.posture import Posture
from edgepose.pose import score_to_q16

LEARN_NS = 1_000_000_000  # over which a stature follows what is seen
GROW_NS, SHRINK_NS = 500_000_000, 3_000_000_000  # the same of a torso: what leans to us or away looks shorter
SURE_Q16, SURE_SIGHTS = score_to_q16(0.4), 3  # keypoints' mean score of who is clearly seen, and how often they are


class Body:
    """Somebody who is or was just in the picture.

    Attributes
    ----------
    place : int, row of the table
    key : str, of its events, never given twice: the first track id, with a number behind it where that came before
    track_id : int, the latest; -1 is a free row
    posture : Posture, of the last sight
    falling : Falling
    stature_q4 : int, how tall the body stands where it is, 1/16 px; 0 not known
    torso_q4 : int, how long its torso is when it is upright, 1/16 px
    stood : bool, the stature was measured while it stood
    is_sure : bool, was clearly seen a few times: a thing that looks like somebody hardly ever is
    is_reflection : bool, of somebody else in water
    is_here : bool, in this frame
    seen_ns, born_ns : int, watched time of the last and the first sight
    is_turned : bool, the last sight is of a turned picture, and there is none of an upright one
    is_again : bool, it is that of the frame before, once more
    is_cut_off : bool, at the last sight the box touched the picture's left, right or top edge
    is_at_edge : bool, the same, or its lower edge
    asked_ns : int, watched time of the last look from the side
    """

    def __init__(self, place, anatomy):
        self.place, self.posture, self.falling = place, Posture(anatomy), Falling()
        self.clear()

    def clear(self):
        """Free the row."""
        self.key, self.track_id, self.seen_ns, self.born_ns = "", -1, 0, 0
        self.stature_q4 = self.torso_q4 = 0
        self.stood = self.is_here = self.is_cut_off = self.is_at_edge = self.is_reflection = False
        self.is_turned = self.is_again = False
        self.asked_ns, self._n_clear = -1 << 60, 0
        self.falling.clear()

    def begin(self, key, track_id, now_ns):
        """Somebody new."""
        self.clear()
        self.key, self.track_id, self.born_ns = key, track_id, now_ns

    def see(self, poses, person, is_turned, clock):
        """Take over a pose; one that the motion gate gives again is as turned as it was."""
        self.is_again = self.is_turned and not is_turned and self.posture.box == poses.boxes_q4[person].tolist()
        self.is_turned = is_turned or self.is_again
        self.posture.read(poses, person)
        self.is_here, self.seen_ns = True, clock.now_ns
        self._learn(clock.dt_ns)
        self._look_for_edges(poses.width << 4, poses.height << 4)

    @property
    def is_sure(self):
        return self._n_clear >= SURE_SIGHTS

    def unseen_ns(self, now_ns):
        """Watched time since the last sight."""
        return now_ns - self.seen_ns

    def _learn(self, dt_ns):
        """Learn the body's measures while it is up; whoever goes down looks shorter or longer than they are."""
        posture = self.posture
        if not posture.has_torso:
            return
        self._n_clear += posture.mean_q16 >= SURE_Q16
        if not self.stature_q4:
            self.stature_q4, self.torso_q4 = posture.chain_q4, posture.torso_q4
        if posture.leans_little and not (self.falling.is_dropping or self.falling.is_down):
            self._learn_torso(dt_ns)
            self._learn_stature(dt_ns)

    def _learn_torso(self, dt_ns):
        change = self.posture.torso_q4 - self.torso_q4
        self.torso_q4 += change * dt_ns // (dt_ns + (GROW_NS if change > 0 else SHRINK_NS))

    def _learn_stature(self, dt_ns):
        if self.posture.is_standing and not self.stood:
            self.stature_q4, self.stood = self.posture.chain_q4, True
        elif self.posture.is_standing or not self.stood:
            self.stature_q4 += (self.posture.chain_q4 - self.stature_q4) * dt_ns // (dt_ns + LEARN_NS)

    def _look_for_edges(self, width, height):
        x, y, w, h = self.posture.box
        margin = max(w, h) // 32
        self.is_cut_off = x <= margin or y <= margin or x + w >= width - margin
        self.is_at_edge = self.is_cut_off or y + h >= height - margin
