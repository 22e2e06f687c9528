"""Whether a body is where a rule wants it: its keypoints against the rule's zones, calmed."""

from edgepose.daemon.rules.conditions import parse
from edgepose.daemon.rules.posture import SHANK, THIGH
from edgepose.daemon.rules.zone import find_zones
from edgepose.errors import ConfigError

IN, OUT, UNKNOWN = 1, 0, -1
HOLD_NS = 100_000_000  # two frames at 10 a second: one that is wrong changes nothing
REACH_PARTS = 16  # of the body's size, that a keypoint must leave a zone by: several times what a network trembles


class Membership:
    """The place part of a rule.

    Parameters
    ----------
    rule : RuleSettings
    zones : dict of Zone by name
    skeleton : Skeleton
    by_body : bool, the body's own place counts, not `rule.keypoints`

    Attributes
    ----------
    zones, outside : tuples of Zone
    conditions : tuple of Condition

    Raises
    ------
    ConfigError : a zone or a keypoint is not known, or does not go with the other
    """

    def __init__(self, rule, zones, skeleton, by_body=False):
        self.zones, self.outside = (find_zones(names, zones, rule.name) for names in (rule.zones, rule.outside))
        self.by_body = by_body
        try:
            self.conditions = () if by_body else tuple(parse(text, skeleton) for text in rule.keypoints)
        except ConfigError as error:
            raise ConfigError(f"rule {rule.name}: {error}") from None
        for condition in self.conditions:
            if condition.wish in ("below", "above") and not (self.zones and all(z.is_line for z in self.zones)):
                raise ConfigError(f"rule {rule.name}: {condition.group} {condition.wish} needs zones that are lines of"
                                  " two points")

    def verdict(self, body, was_in):
        """IN, OUT or UNKNOWN of a body that is in the picture; who was in is so until well beyond the edge."""
        reach = max(body.posture.box[2], body.posture.box[3]) // REACH_PARTS
        if self.by_body:
            return self._judge_points((body.posture.place(),), "in", was_in, reach)
        verdict = IN
        for condition in self.conditions:
            here = self._judge(condition, body, was_in, reach)
            if here == OUT:
                return OUT
            verdict = min(verdict, here)
        return verdict

    def zone_of(self, body):
        """The name of the first zone that a body is in or near, or None."""
        reach = max(body.posture.box[2], body.posture.box[3]) // REACH_PARTS
        points = self.points(body)
        for zone in self.zones:
            if any(zone.contains(x, y) or zone.is_near(x, y, reach) for x, y in points):
                return zone.name
        return self.zones[0].name if self.zones else None

    def points(self, body):
        """The places that count of a body: those of the first condition that asks for places, else the body's own."""
        for condition in self.conditions:
            if condition.has_place:
                return _points_of(condition, body)
        return (body.posture.place(),)

    def _judge(self, condition, body, was_in, reach):
        if not condition.has_place:
            is_seen = any(body.posture.seen[i] for i in condition.indices)
            return int(is_seen == (condition.wish == "seen"))
        points = _points_of(condition, body)
        return self._judge_points(points, condition.wish, was_in, reach) if points else UNKNOWN

    def _judge_points(self, points, wish, was_in, reach):
        """At least half of the points must be where they are wished, and fewer than half in a zone outside."""
        n_in = sum(self._is_in(x, y, wish, was_in, reach) for x, y in points)
        if 2 * n_in < len(points):
            return OUT
        n_out = sum(any(_holds(zone, x, y, was_in, reach) for zone in self.outside) for x, y in points)
        return OUT if self.outside and 2 * n_out >= len(points) else IN

    def _is_in(self, x, y, wish, was_in, reach):
        if not self.zones:
            return True
        if wish == "in":
            return any(zone.contains(x, y) or (was_in and zone.is_near(x, y, reach)) for zone in self.zones)
        if wish == "not in":
            return not any(_holds(zone, x, y, was_in, reach) for zone in self.zones)
        return any(_is_on_side(zone, x, y, wish) or (was_in and zone.is_near(x, y, reach)) for zone in self.zones)


class Stay:
    """Whether somebody is in, calmed over time.

    Attributes
    ----------
    is_in : bool
    since_ns : int, watched time since when
    is_open : bool, the rule has said "begin" of it
    """

    __slots__ = ("is_in", "is_open", "left_ns", "mark", "since_ns", "turned_ns", "was_in", "x", "y")

    def __init__(self):
        self.clear()

    def clear(self):
        """Somebody new."""
        self.is_in = self.is_open = self.was_in = False
        self.since_ns = self.mark = self.x = self.y = 0
        self.turned_ns = self.left_ns = -1

    def settle(self, verdict, now_ns):
        """Take a verdict; it counts when it has held for HOLD_NS."""
        if verdict == UNKNOWN:
            return
        if bool(verdict) == self.is_in:
            self.turned_ns = -1
        elif self.turned_ns < 0:
            self.turned_ns = now_ns
        elif now_ns - self.turned_ns >= HOLD_NS:
            self.is_in, self.since_ns, self.turned_ns = not self.is_in, self.turned_ns, -1


def _holds(zone, x, y, was_in, reach):
    """Whether a place lies in a zone in which it is not to be: of who was right so far, well inside of its edge."""
    return zone.contains(x, y) and not (was_in and zone.is_near(x, y, reach))


def _is_on_side(zone, x, y, wish):
    """Whether a place is below, or above, a line, whichever way it was drawn."""
    (ax, _), (bx, _) = zone.shape.points
    side = zone.shape.side(x, y)
    return (side if bx >= ax else -side) >= 0 if wish == "below" else (side if bx >= ax else -side) <= 0


def _points_of(condition, body):
    posture = body.posture
    points = [(posture.xs[i], posture.ys[i]) for i in condition.indices if posture.seen[i]]
    if not points and condition.group == "ankles":
        return ankles_below(body)
    return points


def ankles_below(body):
    """Where the ankles of somebody are whose legs are hidden: ((x, y),), or () where nothing can be said.

    Below the hips, as long as the legs are of who stands; only of a body that has stood, and is upright.
    """
    posture = body.posture
    if not (posture.has_torso and body.stood and posture.is_upright(body.torso_q4)):
        return ()
    return ((posture.hips_x, posture.hips_y + (THIGH + SHANK) * body.stature_q4 // 1000),)
