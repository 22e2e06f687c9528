"""How long to wait before a camera is called again."""

import random

from edgepose.daemon import backoff

STEADY_S = 10.0  # a camera that has run for less has not come back


class Backoff:
    """Waits that double from one failure to the next, with jitter, so that cameras do not all call at once.

    Parameters
    ----------
    least_s, most_s : float, bounds of a wait
    random : callable, gives a float of 0..1

    Notes
    -----
    A wait lies between half and all of a bound that doubles from twice `least_s` to `most_s`. It starts again with the
    shortest once the camera has run for 10 s and for longer than it was waited for last: a camera that comes and goes
    is there at least half of the time.
    """

    def __init__(self, least_s=1.0, most_s=60.0, random=random.random):
        self._least_s, self._last_s, self._waits = least_s, 0.0, backoff.Backoff(2 * least_s, most_s, random)

    def next_s(self):
        """Seconds to wait now."""
        self._last_s = max(self._least_s, self._waits.next_s())
        return self._last_s

    def ran(self, seconds):
        """The camera has run for so long since the last wait."""
        if seconds >= max(STEADY_S, self._last_s):
            self._waits.reset()
