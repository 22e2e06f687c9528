"""Runs a source through a model: a capture thread fills the ring, the caller's thread infers and decodes."""

import threading

import numpy as np

from edgepose.letterbox import Fit, Letterbox, letterbox_of
from edgepose.pose import PoseBatch
from edgepose.ring import FrameRing


class Pipeline:
    """Iterate over it to get the poses of every frame; each batch is lent until the next step.

    Parameters
    ----------
    source : an open source; closed by `close`
    model : Model
    backend : not yet open; opened here and closed by `close`
    decoder : from `decoders.create(model)`
    n_slots : int, slots of the ring
    keep_picture : bool, fill `poses.picture` for sinks that draw
    keep_frame : bool, fill `slot.frame` for stages that look at the camera's pixels once more

    Notes
    -----
    A live source drops its oldest frame when the network is slower, a file waits. What the capture thread
    meets is raised from the iterator, after the frames before it.
    """

    def __init__(self, source, model, backend, decoder, n_slots=3, keep_picture=False, keep_frame=False):
        self.source, self.model, self.backend, self._decoder = source, model, backend, decoder
        self.ring = FrameRing(model.input.height, model.input.width, n_slots, "drop" if source.live else "block")
        self._copier, self._keep_frame = PictureCopier() if keep_picture else None, keep_frame
        self.poses = PoseBatch(decoder.capacity, decoder.skeleton)
        self._thread = threading.Thread(target=self._capture, name="edgepose-capture", daemon=True)
        self._fault = None
        backend.open(model, self.ring)
        self._letterbox = letterbox_of(model, backend)

    def __iter__(self):
        self._thread.start()
        while (slot := self.ring.take()) is not None:
            self.find(slot)
            if not self._copier:
                self.ring.release(slot)
            yield self.poses
            if self._copier:  # the picture in the slot was lent until now
                self.ring.release(slot)
        if self._fault:
            raise self._fault

    def find(self, slot):
        """Fill `poses` from one frame; pipelines that know of more than this frame do it in another way."""
        self.backend.infer(slot)
        self._decoder.decode(self.backend.outputs, slot, self.poses)
        self.poses.describe(slot)

    def status(self):
        """How it is doing, in a few words for people."""
        return f"people: {self.poses.n}"

    def _capture(self):
        try:
            while (frame := self.source.read()) is not None:
                slot = self.ring.claim()
                if slot is None:
                    return
                self._letterbox.write(frame, slot)
                slot.describe(frame)
                if self._keep_frame and not slot.raw:  # a raw one has its frame
                    slot.keep(frame)
                if self._copier:
                    self._copier.write(frame, slot)
                self.ring.publish(slot)
        except BaseException as fault:  # raised again by the iterator, in the caller's thread
            self._fault = fault
        finally:
            self.ring.close()

    def close(self):
        """Stop the capture thread, then free source and backend. Closing twice is fine."""
        self.ring.close()
        if self._thread.is_alive():
            self._thread.join()
        self.source.close()
        self.backend.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class PictureCopier:
    """Copies frames of any pixel format to RGB at full size, for sinks that draw."""

    def __init__(self):
        self._letterbox = None
        self._target = _Target()

    def write(self, frame, slot):
        """Fill `slot.picture`, uint8 (height, width, 3) RGB; it is replaced only when the size changes."""
        shape = (frame.height, frame.width, 3)
        if self._letterbox is None or (self._letterbox.height, self._letterbox.width) != shape[:2]:
            self._letterbox = Letterbox(*shape[:2], channels="rgb")
        if slot.picture is None or slot.picture.shape != shape:
            slot.picture = np.zeros(shape, np.uint8)
        self._target.tensor = slot.picture
        self._letterbox.write(frame, self._target)


class _Target:
    """What a letterbox writes to when it copies a whole picture; there is no padding to paint."""

    __slots__ = ("fit", "painted", "raw", "tensor")

    def __init__(self):
        self.tensor, self.fit, self.painted = None, Fit(), None
