"""Stands before each stage of a pipeline and notes when a frame came and went; the stages themselves do not know."""

from hashlib import blake2b
from time import monotonic_ns

_COARSE_WORK, _FINE_NS = bytes(1 << 15), 150_000  # some tens of µs of work; the last bit is spun away


class Watched:
    """What all of them share: everything but the watched calls is the stage's own."""

    def __init__(self, stage, stamps, slow=0.0):
        self._stage, self._stamps, self._slow = stage, stamps, slow

    def __getattr__(self, name):
        return getattr(self._stage, name)


class WatchedRing(Watched):
    """A FrameRing; the time from `claim` to `publish` is the letterbox's."""

    def claim(self):
        """As FrameRing has it."""
        slot = self._stage.claim()
        self._claimed = monotonic_ns()
        return slot

    def publish(self, slot):
        """As FrameRing has it."""
        row, stamps = slot.seq, self._stamps
        stamps.claim[row] = self._claimed
        now = monotonic_ns()
        if self._slow:
            now = dawdle(now, (now - self._claimed) * self._slow)
        stamps.publish[row] = now
        self._stage.publish(slot)

    def take(self):
        """As FrameRing has it."""
        slot, stamps = self._stage.take(), self._stamps
        if slot is not None:
            stamps.row = slot.seq
            stamps.take[slot.seq] = monotonic_ns()
        return slot


class WatchedBackend(Watched):
    """A backend; several calls for one frame, as for the crops of a tracker, add up."""

    def infer(self, slot):
        """As a backend has it."""
        begun = monotonic_ns()
        self._stage.infer(slot)
        now = monotonic_ns()
        if self._slow:
            now = dawdle(now, (now - begun) * self._slow)
        stamps, row = self._stamps, self._stamps.row
        stamps.infer[row] += now - begun
        stamps.n_looks[row] += 1


class WatchedDecoder(Watched):
    """A decoder; several calls for one frame add up."""

    def decode(self, outputs, slot, poses):
        """As a decoder has it."""
        begun = monotonic_ns()
        self._stage.decode(outputs, slot, poses)
        now = monotonic_ns()
        if self._slow:
            now = dawdle(now, (now - begun) * self._slow)
        self._stamps.decode[self._stamps.row] += now - begun


def dawdle(now, ns):
    """Keep the core busy for so many ns from a moment on; the moment after that.

    The interpreter's lock is free for most of it, as while a kernel works: other threads go on.
    """
    end = now + ns
    while now < end - _FINE_NS:
        blake2b(_COARSE_WORK).digest()
        now = monotonic_ns()
    while now < end:
        now = monotonic_ns()
    return now
