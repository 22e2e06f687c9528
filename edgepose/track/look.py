"""One way of looking at a part of a picture: letterbox, network, decoder, and what it costs."""

import time

from edgepose.letterbox import Letterbox
from edgepose.pose import PoseBatch
from edgepose.ring import Slot


class Look:
    """Takes looks at parts of frames with one network.

    Parameters
    ----------
    model : Model
    backend : Backend of that model, open before the first look
    decoder : Decoder of that model
    n_slots : int, parts of a picture that are looked at again and again, each through a slot of its own
    ring_is_ours : bool, the ring's slots are inputs of this model: a look at a whole picture needs no letterbox
    clock_ns : callable, ns

    Attributes
    ----------
    poses : PoseBatch, what the last look found; overwritten by the next
    cost_ns : int, about what a look takes, learnt from those before
    """

    def __init__(self, model, backend, decoder, n_slots=1, ring_is_ours=False, clock_ns=time.perf_counter_ns):
        self.model, self._backend, self._decoder, self._clock_ns = model, backend, decoder, clock_ns
        self._letterbox, self._ring_is_ours = Letterbox.of(model.input), ring_is_ours
        self._slots = [Slot(model.input.height, model.input.width) for _ in range(n_slots)]
        self.poses = PoseBatch(decoder.capacity, decoder.skeleton)
        self.cost_ns = 0

    def take(self, slot, crop, place=0):
        """Fill `poses` from a part of a frame.

        Parameters
        ----------
        slot : Slot of the ring with a `frame`
        crop : (x, y, width, height) int, 1/16 source px, or None for all of it
        place : int, which slot of its own to look through
        """
        start_ns = self._clock_ns()
        if crop is not None or not self._ring_is_ours:
            ring_slot, slot = slot, self._slots[place]
            self._letterbox.write(ring_slot.frame, slot, crop)
            slot.describe(ring_slot)
        self._backend.infer(slot)
        self._decoder.decode(self._backend.outputs, slot, self.poses)
        self.poses.describe(slot)
        spent_ns = self._clock_ns() - start_ns
        self.cost_ns += (spent_ns - self.cost_ns) // 8 if self.cost_ns else spent_ns
