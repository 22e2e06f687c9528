"""Several cameras that share one backend: a capture thread and a ring each, one inference loop, taken in turn."""

import threading
from types import SimpleNamespace

from edgepose.letterbox import letterbox_of
from edgepose.pose import PoseBatch
from edgepose.ring import FrameRing

_N_SLOTS = 3


class Crew:
    """Iterate over it as over a Pipeline; the camera whose last turn is longest ago comes next.

    Parameters
    ----------
    cameras : live sources, open
    model : Model
    backend : not yet open; opened here and closed by `close`
    decoder : from `decoders.create(model)`
    watch : callable that gets a FrameRing and gives what stands before it

    Notes
    -----
    What a capture thread meets is raised from the iterator.
    """

    def __init__(self, cameras, model, backend, decoder, watch):
        size = model.input
        rings = [FrameRing(size.height, size.width, _N_SLOTS, "drop") for _ in cameras]
        self._cameras, self._rings, self._backend, self._decoder = cameras, list(map(watch, rings)), backend, decoder
        self._poses = PoseBatch(decoder.capacity, decoder.skeleton)
        self._ready, self._turn, self._fault, self._closed = threading.Semaphore(0), 0, None, False
        self._threads = [threading.Thread(target=self._capture, args=(place,), name=f"edgepose-capture-{place}",
                                          daemon=True) for place in range(len(cameras))]
        backend.open(model, SimpleNamespace(slots=tuple(slot for ring in rings for slot in ring.slots)))
        self._letterboxes = [letterbox_of(model, backend) for _ in cameras]

    @property
    def ring(self):
        """What all rings have counted."""
        return SimpleNamespace(**{name: sum(getattr(ring, name) for ring in self._rings)
                                  for name in ("published", "taken", "dropped")})

    def __iter__(self):
        for thread in self._threads:
            thread.start()
        while (found := self._next()) is not None:
            ring, slot = found
            self._backend.infer(slot)
            self._decoder.decode(self._backend.outputs, slot, self._poses)
            self._poses.describe(slot)
            ring.release(slot)
            yield self._poses
        if self._fault:
            raise self._fault

    def _next(self):
        """(ring, slot) of the next frame; None when a camera has ended or broken."""
        while True:
            self._ready.acquire()
            if self._fault or self._closed:
                return None
            n = len(self._rings)
            for place in range(self._turn, self._turn + n):
                ring = self._rings[place % n]
                if ring.inside:
                    self._turn = place + 1
                    return ring, ring.take()

    def _capture(self, place):
        camera, ring, letterbox = self._cameras[place], self._rings[place], self._letterboxes[place]
        try:
            while (frame := camera.read()) is not None and (slot := ring.claim()) is not None:
                letterbox.write(frame, slot)
                slot.describe(frame)
                ring.publish(slot)
                self._ready.release()
        except BaseException as fault:  # raised again by the iterator, in the caller's thread
            self._fault = fault
        self._closed = True
        self._ready.release()

    def close(self):
        """Stop the capture threads, then free cameras and backend. Twice is fine."""
        for ring in self._rings:
            ring.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        for camera in self._cameras:
            camera.close()
        self._backend.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
