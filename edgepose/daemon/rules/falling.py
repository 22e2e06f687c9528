"""Whether a body falls, is down, has fallen: its posture and how fast it changes.

A fall is a trunk that goes down as fast as no one lies or sits down, a torso that leans far, and staying down. The
constants and where they come from: docs/daemon/rules.md.
"""

SPEED = 760  # thousandths of the stature a second; 1.3 m/s of 1.7 m
WINDOW_NS, MAX_WINDOW_NS = 250_000_000, 600_000_000  # over which the speed is taken
LAND_NS = 1_500_000_000  # from the speed to being down
LOST = 250  # thousandths of the stature that the trunk goes down at least
BEFORE_NS = 1_500_000_000  # in which the trunk was as high as the loss is counted from
CONFIRM_NS = 300_000_000  # down for so long after dropping it is a fall
RISE_NS = 1_000_000_000  # up for so long it is over
DOWN_NS = 200_000_000  # seen tilted and low for so long the body is down, however it came there
LEAST_SIGHTS = 2  # in turned pictures, which show lying people where there are none; of others one is enough
HOLD_NS = 150_000_000  # one sight that is wrong, at 10 frames a second, does not lift a body
N_PAST = 64  # places of the trunk that are kept


class Falling:
    """Follows one body.

    Attributes
    ----------
    is_down : bool, lies, or as low as that
    down_ns : int, watched time since when
    has_fallen : bool, and has not got up since
    fell_ns : int, watched time since when
    is_dropping : bool, goes down fast, or just did
    is_tilted : bool, the torso leans far, or did at the last sight
    """

    def __init__(self):
        self._times, self._heights = [0] * N_PAST, [0] * N_PAST
        self.clear()

    def clear(self):
        """Somebody new."""
        self.is_down = self.has_fallen = self.is_dropping = self.is_tilted = False
        self.down_ns = self.fell_ns = self._fast_ns = self._upright_ns = self._low_ns = 0
        self._last_low_ns = self._seen_low_ns = 0
        self._is_low = self._has_lost = False
        self._n = self._next = self._top_y = self._n_low = self._n_tilted = 0

    def see(self, body, now_ns):
        """A sight of a Body."""
        posture = body.posture
        if not posture.has_torso:
            self.miss(False, now_ns)
            return
        self._remember(posture.trunk_y, now_ns)
        self._watch_speed(posture.trunk_y, body.stature_q4, now_ns)
        self._watch_posture(posture, body, now_ns)
        self._judge(now_ns)

    def miss(self, is_cut_off, now_ns):
        """A frame in which nobody sees it: it stays as it was; whoever vanished on the way down is down by now."""
        self._upright_ns = now_ns
        if not is_cut_off and self.is_dropping and self._has_lost and self._n_tilted >= LEAST_SIGHTS:
            self._seem_low(LEAST_SIGHTS, now_ns)
        if self._is_low:
            self._last_low_ns = now_ns
        elif now_ns - self._last_low_ns >= RISE_NS:
            self._n_low = self._n_tilted = 0
        self._judge(now_ns)

    def _remember(self, y, now_ns):
        self._times[self._next], self._heights[self._next] = now_ns, y
        self._next, self._n = (self._next + 1) % N_PAST, min(self._n + 1, N_PAST)

    def _watch_speed(self, y, stature_q4, now_ns):
        """Note when the trunk goes down fast, and how high it was before."""
        top_y, before = y, -1
        for back in range(1, self._n):
            i = (self._next - 1 - back) % N_PAST
            age_ns = now_ns - self._times[i]
            if age_ns > BEFORE_NS:
                break
            top_y = min(top_y, self._heights[i])
            if before < 0 and age_ns >= WINDOW_NS:
                before = i
        self._has_lost = (y - top_y) * 1000 >= LOST * stature_q4 or (
            self.is_dropping and (y - self._top_y) * 1000 >= LOST * stature_q4)
        if before >= 0 and self._is_fast(y, before, stature_q4, now_ns):
            self._fast_ns, self._upright_ns, self._top_y, self.is_dropping = now_ns, now_ns, top_y, True

    def _is_fast(self, y, before, stature_q4, now_ns):
        dt_ns = now_ns - self._times[before]
        gone = (y - self._heights[before]) * 1_000_000_000_000
        return dt_ns <= MAX_WINDOW_NS and gone >= SPEED * stature_q4 * dt_ns

    def _watch_posture(self, posture, body, now_ns):
        """Low is a torso that leans far over hips that are lower than a seat; where no feet are seen, one that is far
        lower than it was."""
        self.is_tilted, low_hips = posture.is_tilted(body.torso_q4), posture.has_low_hips(body.stature_q4)
        sights = 0 if body.is_again else 1 if body.is_turned else LEAST_SIGHTS
        self._n_tilted = self._n_tilted + sights if self.is_tilted else 0
        if self.is_tilted and (self.is_dropping and self._has_lost if low_hips is None else low_hips):
            self._seem_low(sights, now_ns)
            self._seen_low_ns = now_ns
        elif now_ns - self._last_low_ns >= HOLD_NS:
            self._is_low, self._n_low = False, 0
        if not posture.is_upright(body.torso_q4):
            self._upright_ns = now_ns

    def _seem_low(self, sights, now_ns):
        """Low from the first time on, once it has seemed so often enough; `_last_low_ns` is when it did last."""
        if not self._n_low:
            self._low_ns = now_ns
        self._n_low += sights
        self._is_low = self._is_low or self._n_low >= LEAST_SIGHTS
        self._last_low_ns = now_ns

    def _judge(self, now_ns):
        if self._is_low and self.is_dropping and not self.has_fallen and now_ns - self._low_ns >= CONFIRM_NS:
            self.has_fallen, self.fell_ns = True, self._low_ns
        if self._is_low and not self.is_down and (self.has_fallen or self._seen_low_ns - self._low_ns >= DOWN_NS):
            self.is_down, self.down_ns = True, self._low_ns
        if self.is_dropping and not self._is_low and now_ns - self._fast_ns > LAND_NS:
            self.is_dropping = False
        if now_ns - self._last_low_ns >= RISE_NS:
            self.is_down = False
        if now_ns - self._upright_ns >= RISE_NS:
            self.is_down = self.has_fallen = self.is_dropping = False
