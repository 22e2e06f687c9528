"""Small people with no adult about."""

from edgepose.daemon.rules.kinds.rule import Rule
from edgepose.errors import ConfigError

SMALL_PERCENT = 75  # of an adult's stature in that place: children up to about eight years
ADULT_PERCENT = 85  # those between are neither
LEAST_NS = 1_000_000_000  # must hold, or not hold, for so long


class Alone(Rule):
    """A small person has been in for `for_s`, and nobody in the picture is an adult."""

    def __init__(self, settings, zones, skeleton, capacity, voice):
        super().__init__(settings, zones, skeleton, capacity, voice)
        lacking = [f"zone {zone.name} lacks them" for zone in self.membership.zones if not zone.has_scale]
        if lacking or not self.membership.zones:
            raise ConfigError(f"rule {settings.name}: kind alone needs zones with body_near and body_far, how tall an"
                              f" adult stands there; {(lacking or ['it has none'])[0]}")
        self._is_met = self._is_open = False
        self._turned_ns, self._said = 0, 0

    def update(self, bodies, now_ns):
        """A frame."""
        super().update(bodies, now_ns)
        small = [body for body in bodies.used if self._is_in(body) and is_small(body, (self._zone(body),))]
        is_met = bool(small) and not any(self._is_adult(body) for body in bodies.used)
        if is_met != self._is_met:
            self._is_met, self._turned_ns = is_met, now_ns
        self._judge(small, now_ns - self._turned_ns)

    def _is_in(self, body):
        return self.stays[body.place].is_in

    def _zone(self, body):
        """The zone whose scale tells how tall a body is: the one it is in, else the first."""
        name = self.membership.zone_of(body)
        return next(zone for zone in self.membership.zones if zone.name == name)

    def _is_adult(self, body):
        percent = None if body.is_reflection else percent_of(body, self._zone(body))
        return percent is not None and percent >= ADULT_PERCENT

    def _judge(self, small, held_ns):
        if self._is_met and not self._is_open and held_ns >= max(self.for_ns, LEAST_NS):
            self._is_open = True
            self._say("begin", small)
        elif self._is_open and not self._is_met and held_ns >= LEAST_NS:
            self._is_open = False
            self._say("end", small)
        elif self._is_open and self._is_met and len(small) != self._said:
            self._say("update", small)

    def _say(self, state, small, **detail):
        self._said = len(small)
        zone = self.membership.zone_of(small[0]) if small else self.membership.zones[0].name
        self.voice.say(self.settings, state, "", zone, small, **detail)

    def forget(self, body, now_ns):
        self.stays[body.place].clear()

    def close(self, bodies, reason):
        if self._is_open:
            self._say("end", (), ended=reason)
        for stay in self.stays:
            stay.clear()
        self._is_met = self._is_open = False


def is_small(body, zones):
    """Whether a body is known to be small, by the scale of the first of some Zones that it stands in."""
    if not zones or not body.stood:
        return False
    x, y, width, height = body.posture.box
    at = x + width // 2, y + height
    zone = next((zone for zone in zones if zone.contains(*at)), zones[0])
    return percent_of(body, zone) < SMALL_PERCENT


def percent_of(body, zone):
    """How tall a body is, in parts of an adult who stands in the same place; None where its stature is not known."""
    if not body.stood:
        return None
    _, y, _, height = body.posture.box
    feet_y = y + height if body.posture.feet_y is None else body.posture.feet_y
    return 100 * body.stature_q4 // zone.adult_q4(feet_y)
