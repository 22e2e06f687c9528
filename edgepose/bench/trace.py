"""What a power sensor said over time, and the energy between two moments."""

import bisect

STUCK_READINGS = 20


class Trace:
    """Readings of one sensor.

    Parameters
    ----------
    name : str
    covers : str, what the sensor sees: "CPU package", "5 V input"
    kind : "energy", a counter in µJ that only grows, or "power", mW

    Attributes
    ----------
    t_ns, values : lists of int, monotonic ns and the reading
    fault : str, why there is nothing more from some moment on; empty while all is well
    """

    def __init__(self, name, covers, kind, t_ns=(), values=(), fault=""):
        self.name, self.covers, self.kind, self.fault = name, covers, kind, fault
        self.t_ns, self.values = list(t_ns), list(values)

    def add(self, t_ns, value):
        """Take one reading, later than the last."""
        self.t_ns.append(t_ns)
        self.values.append(value)

    def energy_uj(self, begin_ns, end_ns):
        """Energy from one moment to another, µJ; None where the readings do not reach over both.

        Notes
        -----
        Between two readings a counter is taken as a straight line, and so is power.
        """
        if len(self.t_ns) < 2 or begin_ns < self.t_ns[0] or end_ns > self.t_ns[-1]:
            return None
        if self.kind == "energy":
            return self._at(end_ns) - self._at(begin_ns)
        inner = [i for i, t in enumerate(self.t_ns) if begin_ns < t < end_ns]
        t_ns = [begin_ns, *(self.t_ns[i] for i in inner), end_ns]
        mw = [self._at(begin_ns), *(self.values[i] for i in inner), self._at(end_ns)]
        return sum((b - a) * (p + q) / 2 for a, b, p, q in zip(t_ns, t_ns[1:], mw, mw[1:])) / 1e6  # mW ns = 1e-6 µJ

    def mean_mw(self, begin_ns, end_ns):
        """Mean power from one moment to another, mW, or None."""
        energy = self.energy_uj(begin_ns, end_ns)
        return None if energy is None or end_ns <= begin_ns else energy / ((end_ns - begin_ns) / 1e6)

    def _at(self, t_ns):
        """The reading at a moment within the trace, between its neighbours."""
        right = min(max(bisect.bisect_left(self.t_ns, t_ns), 1), len(self.t_ns) - 1)
        a, b = self.t_ns[right - 1], self.t_ns[right]
        share = (t_ns - a) / (b - a) if b > a else 1.0
        return self.values[right - 1] + share * (self.values[right] - self.values[right - 1])

    @property
    def is_stuck(self):
        """Whether it has said the same thing so often that it measures nothing."""
        return len(self.values) >= STUCK_READINGS and len(set(self.values)) == 1

    def table(self):
        """The trace as JSON holds it."""
        return {"name": self.name, "covers": self.covers, "kind": self.kind, "fault": self.fault}
