"""The clock on the wall, for what people read; durations run on the monotonic one."""

import time


def wall_ms():
    """Now, ms since 1970."""
    return time.time_ns() // 1_000_000
