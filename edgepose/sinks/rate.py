"""Clocks of an overlay: how fast frames come, and when each is shown."""

import time
from collections import deque

SECOND_NS = 1_000_000_000


class Rate:
    """Frames per second over the last second of wall time; over the last two frames where they come slower."""

    def __init__(self, clock_ns=time.monotonic_ns):
        self._clock_ns, self._times_ns = clock_ns, deque()

    def tick(self):
        """Count a frame. The rate in 1/s, or None before there is one."""
        now_ns, times_ns = self._clock_ns(), self._times_ns
        times_ns.append(now_ns)
        while len(times_ns) > 2 and times_ns[0] < now_ns - SECOND_NS:
            times_ns.popleft()
        span_ns = now_ns - times_ns[0]
        return (len(times_ns) - 1) * SECOND_NS / span_ns if span_ns else None


class ShowTimes:
    """Turns capture times into a video's time stamps, which must rise from frame to frame.

    Parameters
    ----------
    ticks_per_s : Fraction, of the video's time base
    fps : Fraction, where a capture time does not rise, the frame is shown 1 / fps after the last
    """

    def __init__(self, ticks_per_s, fps):
        self._ticks_per_s = ticks_per_s
        self._period = max(1, round(ticks_per_s / fps))
        self._first_ns = self._last = None

    def next(self, t_ns):
        """The time stamp of a frame captured at t_ns, in ticks from the first frame."""
        if self._first_ns is None:
            self._first_ns, self._last = t_ns, 0
            return 0
        wanted = round((t_ns - self._first_ns) * self._ticks_per_s / SECOND_NS)
        self._last = wanted if wanted > self._last else self._last + self._period
        return self._last
