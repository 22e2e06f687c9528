"""Which frames of a camera are looked at: no more a second than was asked for."""


class Pace:
    """Lets frames pass at a rate at most, evenly, before anything is done to them.

    Parameters
    ----------
    fps : float, frames a second at most

    Notes
    -----
    A frame may come half a period early, so that a camera of that very rate passes whole however it trembles; what
    comes early is paid for by the next, so that over time the rate holds (tests/unit/test_daemon_cameras.py).
    """

    def __init__(self, fps):
        self._period_ns = round(1e9 / fps)
        self._next_ns = None

    def is_due(self, t_ns):
        """Whether to look at the frame of this time, monotonic ns."""
        early_ns = t_ns + self._period_ns // 2
        if self._next_ns is None:
            self._next_ns = t_ns
        if early_ns < self._next_ns:
            return False
        self._next_ns = max(self._next_ns, t_ns - self._period_ns // 2) + self._period_ns
        return True
