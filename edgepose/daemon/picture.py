"""The newest picture of a camera that may be shown, for as long as somebody looks at it."""

import io
import threading
import time

from edgepose.frame import copy_over
from edgepose.pipeline import PictureCopier

WANTED_NS = 3_000_000_000  # after the last question nobody looks any more
QUALITY = 80


class LatestPicture:
    """Copies a frame when somebody has asked for one lately; nothing is copied or compressed for nobody.

    Notes
    -----
    `keep` runs in the inference loop and never waits: while a picture is being compressed, the next is left out.
    """

    def __init__(self):
        self._lock, self._wanted_ns, self._frame = threading.Lock(), None, None
        self._seq = self._packed_seq = -1
        self._jpeg, self._copier, self._slot = None, PictureCopier(), _Canvas()

    def keep(self, slot):
        """Remember a slot's frame, if anybody wants it."""
        if self._wanted_ns is None or time.monotonic_ns() - self._wanted_ns > WANTED_NS or slot.frame is None:
            return
        if self._lock.acquire(blocking=False):
            try:
                self._frame, self._seq = copy_over(self._frame, slot.frame), slot.seq
            finally:
                self._lock.release()

    def jpeg(self):
        """The newest picture as JPEG bytes, or None before there is one; compressed in the caller's thread."""
        self._wanted_ns = time.monotonic_ns()
        with self._lock:
            if self._frame is not None and self._seq != self._packed_seq:
                self._jpeg, self._packed_seq = self._pack(), self._seq
            return self._jpeg

    def _pack(self):
        from PIL import Image

        self._copier.write(self._frame, self._slot)
        out = io.BytesIO()
        Image.fromarray(self._slot.picture).save(out, "JPEG", quality=QUALITY)
        return out.getvalue()


class _Canvas:
    """Where a PictureCopier writes."""

    picture = None
