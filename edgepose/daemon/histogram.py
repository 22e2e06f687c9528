"""Counts of durations in fixed buckets, as metrics want them."""

from bisect import bisect_left

#: us; 300 ms is what the daemon promises from capture to event
LATENCY_US = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 300_000, 500_000, 1_000_000, 2_000_000,
              5_000_000)


class Histogram:
    """An array of ints: one thread counts, any thread reads.

    Parameters
    ----------
    bounds : tuple of int, largest value of each bucket, rising; larger ones have a bucket of their own
    """

    def __init__(self, bounds=LATENCY_US):
        self._bounds, self._counts, self._sum = bounds, [0] * (len(bounds) + 1), 0

    def add(self, value):
        """Count a value, int."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def as_table(self):
        """{"count", "sum", "buckets": [[bound, values up to it], ...]}, each bucket with those below, as Prometheus
        has them; what is larger than the last bound is in `count` only."""
        n, buckets = 0, []
        for bound, count in zip(self._bounds, self._counts):
            n += count
            buckets.append([bound, n])
        return {"count": n + self._counts[-1], "sum": self._sum, "buckets": buckets}
