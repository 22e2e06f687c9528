"""How many people are in a zone."""

from edgepose.daemon.rules.kinds.rule import Rule

LEAST_NS = 500_000_000  # a number must hold for so long, whatever `for_s` says


class Count(Rule):
    """From `people[0]` to `people[1]` people are in: while they have been for `for_s`."""

    def __init__(self, settings, zones, skeleton, capacity, voice):
        super().__init__(settings, zones, skeleton, capacity, voice)
        self._is_met = self._is_open = False
        self._turned_ns, self._n, self._said = 0, 0, -1

    def update(self, bodies, now_ns):
        """A frame."""
        super().update(bodies, now_ns)
        self._n = sum(self.stays[body.place].is_in for body in bodies.used)
        least, most = self.settings.people
        is_met = self._n >= least and (most is None or self._n <= most)
        if is_met != self._is_met:
            self._is_met, self._turned_ns = is_met, now_ns
        self._judge_number(bodies, now_ns)

    def _judge_number(self, bodies, now_ns):
        held_ns = now_ns - self._turned_ns
        if self._is_met and not self._is_open and held_ns >= max(self.for_ns, LEAST_NS):
            self._is_open = True
            self._say("begin", bodies)
        elif self._is_open and not self._is_met and held_ns >= LEAST_NS:
            self._is_open = False
            self._say("end", bodies)
        elif self._is_open and self._is_met and self._n != self._said:
            self._say("update", bodies)

    def _say(self, state, bodies, **detail):
        self._said = self._n
        inside = [body for body in bodies.used if self.stays[body.place].is_in]
        zone = self.membership.zones[0].name if self.membership.zones else None
        self.voice.say(self.settings, state, "", zone, inside, **detail)

    def forget(self, body, now_ns):
        self.stays[body.place].clear()

    def close(self, bodies, reason):
        if self._is_open:
            self._say("end", bodies, ended=reason)
        for stay in self.stays:
            stay.clear()
        self._is_met = self._is_open = False
