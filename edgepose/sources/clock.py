"""Capture times in monotonic ns: from a file's time stamps, or from the clock on the wall."""

import time

_NS = 1_000_000_000
_DEFAULT_FPS = 25.0  # FFmpeg's own guess where a file does not tell


class FileClock:
    """Presentation times of a file; the first picture is at 0.

    Parameters
    ----------
    time_base : rational, s, unit of the time stamps; or None
    fps : float or None, nominal rate, used where a picture has no time stamp

    Notes
    -----
    Where time stamps jump back, as in files that were joined, the pictures go on at the nominal rate from there.
    """

    def __init__(self, time_base, fps):
        self._ratio = (time_base.numerator * _NS, time_base.denominator) if time_base else None
        self._step_ns = round(_NS / (fps or _DEFAULT_FPS))
        self._shift_ns = self._last_ns = None

    def time_ns(self, pts):
        """The time of the next picture, ns, never before the last one's; `pts` is its time stamp or None."""
        due_ns = 0 if self._last_ns is None else self._last_ns + self._step_ns
        if pts is None or self._ratio is None:
            self._last_ns = due_ns
            return due_ns
        pts_ns = pts * self._ratio[0] // self._ratio[1]
        if self._shift_ns is None or pts_ns + self._shift_ns < (self._last_ns or 0):
            self._shift_ns = due_ns - pts_ns
        self._last_ns = pts_ns + self._shift_ns
        return self._last_ns


class ArrivalClock:
    """The moment at which a live picture is there."""

    def time_ns(self, pts):
        """Now, monotonic ns; a camera's own time stamps run on another clock."""
        return time.monotonic_ns()
