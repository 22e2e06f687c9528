"""How much looking a frame may cost."""

import time


class Budget:
    """Bounds the time that the looks of one frame take together.

    Parameters
    ----------
    limit_ns : int, or None for no bound but the number of looks
    most_looks : int, in a frame
    clock_ns : callable, ns

    Attributes
    ----------
    n_looks : int, of the last frame
    spent_ns : int, by the looks of the last frame

    Notes
    -----
    The first look of a frame is always granted, so that everybody gets a turn: a frame costs no more than the limit
    or one look, whichever is more, as far as looks cost what they did before.
    """

    def __init__(self, limit_ns=None, most_looks=1, clock_ns=time.perf_counter_ns):
        self._limit_ns, self._most_looks, self._clock_ns = limit_ns, most_looks, clock_ns
        self._start_ns = self.n_looks = self.spent_ns = 0

    def begin(self):
        """A new frame: nothing is spent."""
        self._start_ns, self.n_looks, self.spent_ns = self._clock_ns(), 0, 0

    def grants(self, cost_ns):
        """Whether a look that will cost about so much may be taken; if so, it counts."""
        if self.n_looks and (self.n_looks >= self._most_looks or self._is_dear(cost_ns)):
            return False
        self.n_looks += 1
        return True

    def _is_dear(self, cost_ns):
        return self._limit_ns is not None and self._clock_ns() - self._start_ns + cost_ns > self._limit_ns

    def end(self):
        """The frame is done."""
        self.spent_ns = self._clock_ns() - self._start_ns
