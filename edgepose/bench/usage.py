"""What a process has used so far, and how fast its machine is just now."""

import resource
import statistics
import time
from hashlib import blake2b
from time import monotonic_ns

from edgepose.process import resident_bytes

_YARDSTICK_BYTES, _YARDSTICK_RUNS = bytes(1 << 18), 25


def counts(ring, cameras):
    """Everything that only grows, so that two looks tell what was in between."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    lost = {name: sum(getattr(camera, name) for camera in cameras) for name in ("gaps", "n_broken", "n_rewinds",
                                                                                "rewind_ns")}
    return {"published": ring.published, "taken": ring.taken, "dropped": ring.dropped, "gaps": lost["gaps"],
            "broken": lost["n_broken"], "rewinds": lost["n_rewinds"], "rewind_ns": lost["rewind_ns"],
            "cpu_ns": time.process_time_ns(), "major_faults": used.ru_majflt, "preempted": used.ru_nivcsw,
            "resident_bytes": resident_bytes()}


def yardstick():
    """Time of a fixed piece of integer work, ns, median: how fast this machine is just now, whatever runs on it."""
    times = []
    for _ in range(_YARDSTICK_RUNS):
        begun = monotonic_ns()
        blake2b(_YARDSTICK_BYTES).digest()
        times.append(monotonic_ns() - begun)
    return int(statistics.median(times))
