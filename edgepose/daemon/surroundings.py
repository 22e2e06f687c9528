"""The machine under the daemon: its heat, its supply, the memory that is taken, for how long it has run."""

import threading
import time

from edgepose.board import Vitals, describe_flags, detect, model_of
from edgepose.process import resident_bytes

AGAIN_S = 10.0  # between two questions to the firmware


class Surroundings:
    """Reads a few files of the kernel when somebody asks; in the asker's thread.

    Attributes
    ----------
    board_name : str, as firmware has it, else the title of the profile
    """

    def __init__(self, vitals=None):
        self._vitals, self._begun_s, self._lock = vitals or Vitals(), time.monotonic(), threading.Lock()
        self._flags, self._due_s = None, 0.0
        self.board_name = model_of() or detect().title

    def health(self):
        """{"memory_bytes", "temperature_mc" of the hottest zone or None, "throttled": names, "uptime_s"}."""
        heat = self._vitals.temperatures_mc()
        return {"memory_bytes": resident_bytes(), "temperature_mc": max(heat.values(), default=None),
                "throttled": self._throttled(), "uptime_s": round(time.monotonic() - self._begun_s)}

    def _throttled(self):
        """What the firmware of a Raspberry Pi has to say against heat and supply."""
        with self._lock:
            if time.monotonic() >= self._due_s:
                self._due_s, self._flags = time.monotonic() + AGAIN_S, self._vitals.firmware_flags()
            return describe_flags(self._flags)[0] if self._flags else []
