"""What the rules of a camera say about a frame."""

from edgepose.daemon.events.event import Signal


class Voice:
    """Collects Signals; `t_ns` is the frame's time."""

    def __init__(self):
        self.t_ns, self._signals = 0, []

    def say(self, rule, state, key="", zone=None, bodies=(), people=None, **detail):
        """Add a Signal of a RuleSettings about some bodies."""
        track_ids = tuple(sorted(body.track_id for body in bodies))
        people = len(track_ids) if people is None else people
        self._signals.append(Signal(rule.name, rule.kind, state, self.t_ns, key, zone, track_ids, people, detail))

    def take(self):
        """All that was said since the last time; a list of the caller's own."""
        said, self._signals = self._signals, []
        return said
