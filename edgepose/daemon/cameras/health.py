"""How a camera is doing: plain counts that its own thread writes and any thread reads."""

import time

RATE_NS = 2_000_000_000  # over which frames a second are counted


class Health:
    """State and counts of one camera, over all its connections.

    Parameters
    ----------
    timeout_s : float, without a frame for so long it has stalled
    clock_ns, wall_ns : callables, monotonic ns, and ns since 1970, which only people read

    Attributes
    ----------
    state : "connecting" until the first frame or fault, "live", "stalled" or "down"
    blind : None, "dark", "covered", "frozen" or "moved"; written by whoever watches the pictures
    n_frames, n_broken : int, pictures that could be decoded, and that could not
    n_reconnects : int, times that it came back
    """

    def __init__(self, timeout_s, clock_ns=time.monotonic_ns, wall_ns=time.time_ns):
        self._timeout_ns, self._clock_ns, self._wall_ns = round(timeout_s * 1e9), clock_ns, wall_ns
        self.state, self._since_ms, self.last_error, self.blind = "connecting", wall_ns() // 1_000_000, None, None
        self.n_frames = self.n_broken = self.n_reconnects = self.width = self.height = 0
        self._n_broken_before = self._frame_ns = self._back_ns = 0
        self._rate_ns = self._rate_n = 0
        self._fps = 0.0

    def saw(self, frame, n_broken):
        """A frame has come, of a connection that has skipped so many pictures."""
        now_ns = self._clock_ns()
        if self.state != "live":
            self._come_back(now_ns)
        self.n_frames, self._frame_ns = self.n_frames + 1, now_ns
        self.width, self.height = frame.width, frame.height
        self.n_broken = self._n_broken_before + n_broken
        if now_ns - self._rate_ns >= RATE_NS:
            self._fps = (self.n_frames - self._rate_n) * 1e9 / (now_ns - self._rate_ns)
            self._rate_ns, self._rate_n = now_ns, self.n_frames

    def _come_back(self, now_ns):
        self.n_reconnects += self.state != "connecting" and self.n_frames > 0
        self._back_ns, self._rate_ns, self._rate_n, self._fps = now_ns, now_ns, self.n_frames + 1, 0.0
        self._enter("live")

    def lost(self, line, is_silent):
        """The connection is over, in a line for people; `is_silent`: nothing was heard, instead of a fault.

        Returns
        -------
        float, s, for how long there were frames
        """
        ran_s = (self._frame_ns - self._back_ns) / 1e9 if self.state == "live" else 0.0
        self._n_broken_before, self.last_error = self.n_broken, line
        state = "stalled" if is_silent and self.state in ("live", "stalled") else "down"
        if state != self.state:
            self._enter(state)
        return ran_s

    def _enter(self, state):
        self.state, self._since_ms = state, self._wall_ns() // 1_000_000

    def as_table(self, n_drops=0):
        """Plain values, as `Capture.health` gives them."""
        state, since_ms, silent_ns = self.state, self._since_ms, self._clock_ns() - self._frame_ns
        if state == "live" and silent_ns > self._timeout_ns:  # before the thread that reads has noticed
            state, since_ms = "stalled", (self._wall_ns() - silent_ns) // 1_000_000
        return {"state": state, "since_ms": since_ms, "fps": round(self._fps, 1) if state == "live" else 0.0,
                "width": self.width, "height": self.height, "n_frames": self.n_frames, "n_drops": n_drops,
                "n_broken": self.n_broken, "n_reconnects": self.n_reconnects, "last_error": self.last_error,
                "blind": self.blind}
