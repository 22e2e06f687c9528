"""The fixed arena of model inputs between the capture thread and the inference thread."""

import threading
from collections import deque

import numpy as np

from edgepose.errors import ConfigError
from edgepose.frame import copy_over
from edgepose.letterbox import Fit


class Slot:
    """One model input in the ring and what is known of the frame in it.

    Attributes
    ----------
    tensor : uint8 (height, width, 3), the model's input
    fit : Fit of the tensor in its frame
    seq, t_ns, file, width, height : of the frame
    frame : Frame, the slot's own copy of the camera's planes, or None where nobody asked for it
    picture : uint8 (height, width, 3) RGB copy of the frame, or None where nobody asked for it
    painted : what `Letterbox` remembers of the padding it has painted here
    raw : bool, the tensor is out of date: the backend's device makes it of `frame` and `fit`
    """

    __slots__ = ("__weakref__", "file", "fit", "frame", "height", "painted", "picture", "raw", "seq", "t_ns", "tensor",
                 "width")

    def __init__(self, height, width):
        self.tensor = np.zeros((height, width, 3), np.uint8)
        self.fit = Fit()
        self.seq = self.t_ns = self.width = self.height = 0
        self.file = self.frame = self.picture = self.painted = None
        self.raw = False

    def describe(self, frame):
        """Take over what a frame says of itself."""
        self.seq, self.t_ns, self.file = frame.seq, frame.t_ns, frame.file
        self.width, self.height = frame.width, frame.height

    def keep(self, frame):
        """Copy a frame into `frame`, for whoever reads pixels after the source has gone on."""
        self.frame = copy_over(self.frame, frame)


class FrameRing:
    """Hands slots from one producer to one consumer; the only place where two threads meet.

    Parameters
    ----------
    height, width : int, px, of the model's input
    n_slots : int, at least 2 ("block") or 3 ("drop")
    overrun : "drop" takes the oldest published slot back when none is free (live cameras),
        "block" waits for the consumer (files)

    Notes
    -----
    published = taken + dropped + inside, at every moment (tests/steady/test_ring.py). A slot that was taken
    belongs to the consumer until `release`, a claimed one to the producer until `publish`.
    """

    def __init__(self, height, width, n_slots=3, overrun="block"):
        least = {"block": 2, "drop": 3}.get(overrun)
        if least is None:
            raise ConfigError(f"overrun {overrun!r} is not known; 'drop' or 'block'")
        if n_slots < least:
            raise ConfigError(f"a ring that {overrun}s needs {least} slots or more, got {n_slots}")
        self.slots = tuple(Slot(height, width) for _ in range(n_slots))
        self.overrun = overrun
        self.published = self.taken = self.dropped = 0
        self._free, self._ready = deque(self.slots, n_slots), deque(maxlen=n_slots)
        self._changed = threading.Condition()
        self._closed = False

    @property
    def inside(self):
        """Slots that are published and not yet taken or dropped."""
        return len(self._ready)

    def claim(self):
        """A slot to write into; waits for one if the ring blocks. None once the ring is closed."""
        with self._changed:
            while not self._closed:
                if self._free:
                    return self._free.popleft()
                if self.overrun == "drop" and self._ready:
                    self.dropped += 1
                    return self._ready.popleft()
                self._changed.wait()
            return None

    def publish(self, slot):
        """Hand a claimed slot to the consumer."""
        with self._changed:
            self._ready.append(slot)
            self.published += 1
            self._changed.notify_all()

    def take(self):
        """The oldest published slot; waits for one. None when the ring is closed and empty."""
        with self._changed:
            while not self._ready:
                if self._closed:
                    return None
                self._changed.wait()
            self.taken += 1
            return self._ready.popleft()

    def take_newest(self):
        """The newest published slot, the older ones dropped; None where there is none. Waits for nobody."""
        with self._changed:
            if not self._ready:
                return None
            while len(self._ready) > 1:
                self._free.append(self._ready.popleft())
                self.dropped += 1
            self._changed.notify_all()
            self.taken += 1
            return self._ready.popleft()

    def release(self, slot):
        """Return a taken slot, or a claimed one that was not filled, to the producer."""
        with self._changed:
            self._free.append(slot)
            self._changed.notify_all()

    def close(self):
        """No more claims; what is published can still be taken. Closing twice is fine."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __repr__(self):
        return (f"<FrameRing {len(self.slots)} slots, {self.overrun}: published {self.published},"
                f" taken {self.taken}, dropped {self.dropped}, inside {self.inside}>")
