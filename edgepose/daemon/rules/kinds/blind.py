"""Cameras that see nothing."""

LEAST_NS = 1_000_000_000  # seeing, or not, must hold for so long


class Blind:
    """The camera is dark, covered, frozen or moved, for `for_s`. It needs no bodies, and runs while there are none."""

    def __init__(self, settings, zones, skeleton, capacity, voice):
        self.settings, self.voice, self.membership = settings, voice, None
        self._least_ns = max(round(settings.for_s * 1e9), LEAST_NS)
        self._cause, self._is_open, self._turned_ns, self._t_ns = None, False, 0, None

    def look(self, cause, t_ns):
        """A frame, or none of it: `cause` as BlindWatch has it."""
        if (cause is None) != (self._cause is None):
            self._turned_ns = t_ns
        is_other, self._cause, self._t_ns = cause != self._cause, cause, t_ns
        if t_ns < self._turned_ns:
            self._turned_ns = t_ns
        if cause and not self._is_open and t_ns - self._turned_ns >= self._least_ns:
            self._is_open = True
            self._say("begin", cause=cause)
        elif cause and self._is_open and is_other:
            self._say("update", cause=cause)
        elif self._is_open and not cause and t_ns - self._turned_ns >= LEAST_NS:
            self._is_open = False
            self._say("end", ended="sees again")

    def _say(self, state, **detail):
        self.voice.say(self.settings, state, "", None, **detail)

    def update(self, bodies, now_ns):
        """Bodies tell nothing about it."""

    def forget(self, body, now_ns):
        """Nor does who is gone."""

    def close(self, bodies, reason):
        """The rule is off from now on."""
        if self._is_open:
            self._say("end", ended=reason)
        self._is_open, self._cause = False, None
