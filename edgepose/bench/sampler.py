"""Watches the machine while something runs on it: load, clocks, heat, supply, and every power sensor."""

import os
from time import monotonic_ns

from edgepose.bench.trace import Trace
from edgepose.errors import BoardError

#: Columns of /proc/stat's first line, in its order, in ticks. Source: proc_stat(5).
_CPU_COLUMNS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_SLOW_PERIOD_NS = 1_000_000_000  # of what costs a process or many files
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Sampler:
    """Looks at the machine whenever `tick` is called.

    Parameters
    ----------
    vitals : Vitals
    readers : power readers, open

    Attributes
    ----------
    rows : list of dicts, one a tick: `t_ns`, `cpu` (ticks so far by kind), `mhz` and `max_mc` where they are known
    traces : list of Trace, one a reader
    events : list of (t_ns, text), throttling seen live
    """

    def __init__(self, vitals, readers=()):
        self._vitals, self._readers = vitals, list(readers)
        self.rows, self.events = [], []
        self.traces = [Trace(reader.name, reader.covers, reader.kind) for reader in self._readers]
        self._next_ns = [0] * len(self._readers)
        self._slow_ns, self.flags_before, self.counts_before = 0, vitals.firmware_flags(), vitals.throttle_counts()
        self.flags, self.coolers, self.counts = self.flags_before or 0, {}, dict(self.counts_before)

    def tick(self):
        """Look once."""
        now = monotonic_ns()
        row = {"t_ns": now, "cpu": cpu_ticks()}
        if clocks := self._vitals.frequencies_khz():
            row["mhz"] = round(sum(clocks) / len(clocks) / 1000)
        if heat := self._vitals.temperatures_mc():
            row["max_mc"] = max(heat.values())
        self.rows.append(row)
        self._read_power(now)
        if now >= self._slow_ns:
            self._slow_ns = now + _SLOW_PERIOD_NS
            self._look_for_throttling(now)

    def _read_power(self, now):
        for place, (reader, trace) in enumerate(zip(self._readers, self.traces)):
            if now < self._next_ns[place] or trace.fault:
                continue
            self._next_ns[place] = now + reader.period_ns
            try:
                trace.add(monotonic_ns(), reader.read())
            except BoardError as fault:
                trace.fault = str(fault)

    def _look_for_throttling(self, now):
        flags = self._vitals.firmware_flags()
        if flags is not None:
            self.flags |= flags
        for name, state in self._vitals.coolers().items():
            if name not in self.coolers:
                self.events.append((now, f"{name} holds the clock back"))
            self.coolers[name] = max(state, self.coolers.get(name, 0))
        self.counts = self._vitals.throttle_counts()

    def close(self):
        """Look for throttling a last time and close the readers."""
        self._look_for_throttling(monotonic_ns())
        for reader in self._readers:
            reader.close()


def cpu_ticks():
    """{kind: ticks of all cores so far}; empty where the kernel does not tell."""
    try:
        with open("/proc/stat") as file:
            words = file.readline().split()
    except OSError:
        return {}
    return dict(zip(_CPU_COLUMNS, map(int, words[1:])))
