"""Rules about people who are lost out of a zone without having left it: under water, say."""

from edgepose.daemon.rules.kinds.rule import Rule

LEAST_NS = 1_000_000_000  # networks miss people for as long, whatever `for_s` says
GIVE_UP_NS = 600_000_000_000  # of watched time: who is not back by then has left unseen
SURFACE_NS = 500_000_000  # who is in so soon after the first sight has come to light there


class Lost:
    """Somebody whose row of the table was given up: `is_used`, and what Missing knows."""

    __slots__ = ("is_open", "is_used", "key", "since_ns", "track_id", "zone")

    def __init__(self):
        self.is_used = self.is_open = False
        self.key, self.zone, self.track_id, self.since_ns = "", None, -1, 0


class Missing(Rule):
    """Somebody who was in has not been seen for `for_s`, nor to leave; `head not seen` asks for the head alone.

    It ends when the body is seen again, when anybody comes to light in the zone, or after GIVE_UP_NS.
    """

    def __init__(self, settings, zones, skeleton, capacity, voice):
        super().__init__(settings, zones, skeleton, capacity, voice)
        membership = self.membership
        self._wanted = tuple(c for c in membership.conditions if c.wish == "not seen")
        membership.conditions = tuple(c for c in membership.conditions if c.wish != "not seen")
        membership.by_body = not membership.conditions
        self._least_ns = max(self.for_ns, LEAST_NS)
        self._lost = tuple(Lost() for _ in range(capacity))

    def update(self, bodies, now_ns):
        """A frame."""
        super().update(bodies, now_ns)
        for lost in self._lost:
            if lost.is_used:
                self._wait_for(lost, now_ns)

    def judge(self, body, stay, now_ns):
        if body.is_here and not stay.is_in:
            self._has_left(body, stay, "left")
        elif body.is_here and self._shows(body):
            if not stay.was_in and stay.since_ns - body.born_ns <= SURFACE_NS:
                self._find_one(body)
            self._has_left(body, stay, "seen again")
            stay.was_in, stay.mark = True, now_ns
        elif stay.was_in and not stay.is_open and now_ns - stay.mark >= self._least_ns and self._can_be_lost(body):
            self.begin(body, stay)

    def _has_left(self, body, stay, ended):
        stay.was_in = False
        if stay.is_open:
            self.end(body, stay, ended=ended)

    def _shows(self, body):
        return all(any(body.posture.seen[i] for i in condition.indices) for condition in self._wanted)

    def _can_be_lost(self, body):
        """Whoever was last seen at the picture's edge has left the picture."""
        return body.is_here or not body.is_at_edge

    def forget(self, body, now_ns):
        stay = self.stays[body.place]
        if stay.is_open or (stay.was_in and self._can_be_lost(body)):
            self._keep(body, stay, now_ns)
        stay.clear()

    def _keep(self, body, stay, now_ns):
        lost = min(self._lost, key=lambda one: (one.is_used, one.since_ns))
        if lost.is_used:
            self._let_go(lost, ended="too many")
        lost.is_used, lost.is_open, lost.since_ns = True, stay.is_open, stay.mark
        lost.key, lost.track_id, lost.zone = body.key, body.track_id, self.membership.zone_of(body)

    def _wait_for(self, lost, now_ns):
        away_ns = now_ns - lost.since_ns
        if not lost.is_open and away_ns >= self._least_ns:
            lost.is_open = True
            self._say("begin", lost)
        elif away_ns >= max(GIVE_UP_NS, 2 * self._least_ns):
            self._let_go(lost, ended="given up")

    def _find_one(self, body):
        """Somebody has come to light: the one who is missing for the longest, as far as anybody can tell."""
        used = [lost for lost in self._lost if lost.is_used]
        if used:
            self._let_go(min(used, key=lambda one: one.since_ns), ended="seen again", as_track=body.track_id)

    def _let_go(self, lost, **detail):
        if lost.is_open:
            self._say("end", lost, **detail)
        lost.is_used = lost.is_open = False

    def _say(self, state, lost, **detail):
        self.voice.say(self.settings, state, lost.key, lost.zone, (lost,), **detail)

    def close(self, bodies, reason):
        super().close(bodies, reason)
        for lost in self._lost:
            if lost.is_used:
                self._let_go(lost, ended=reason)
