"""Rules about who is down: after a fall, or lying however they came there."""

from edgepose.daemon.rules.kinds.rule import Rule

LEAST_LYING_NS = 1_000_000_000  # lying has lasted for so long, whatever `for_s` says


class Down(Rule):
    """Somebody is down where it counts: until they are up again, or gone for long."""

    by_body = True

    def judge(self, body, stay, now_ns):
        is_down, since_ns = self.of(body.falling)
        if stay.is_open and not is_down:
            self.end(body, stay, ended="up again")
        elif not stay.is_open and is_down and stay.is_in and body.is_sure and now_ns - since_ns >= self.least_ns():
            self.begin(body, stay, seen=body.is_here, torso_degrees=body.posture.lean_degrees())


class Fall(Down):
    """Somebody has fallen, and has been down for `for_s` more."""

    def of(self, falling):
        """(whether it holds, watched time since when)."""
        return falling.has_fallen, falling.fell_ns

    def least_ns(self):
        """How long it must hold."""
        return self.for_ns


class Lying(Down):
    """Somebody lies, whether they fell or not, for `for_s`."""

    def of(self, falling):
        """(whether it holds, watched time since when)."""
        return falling.is_down, falling.down_ns

    def least_ns(self):
        """How long it must hold."""
        return max(self.for_ns, LEAST_LYING_NS)
