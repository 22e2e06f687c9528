"""Time as a camera has watched it, and the hours of a day."""

import time

from edgepose.errors import ConfigError

MAX_STEP_NS = 2_000_000_000  # between two frames; what is longer was not watched
DAY_MIN = 24 * 60


class WatchedClock:
    """Counts the time between frames: not that in which the camera was blind, lost, or went back.

    Attributes
    ----------
    now_ns : int, watched so far
    dt_ns : int, watched since the frame before
    """

    def __init__(self):
        self.now_ns = self.dt_ns = 0
        self._t_ns = None

    def watch(self, t_ns):
        """A frame of that time was seen."""
        step = 0 if self._t_ns is None else t_ns - self._t_ns
        self.dt_ns = min(max(step, 0), MAX_STEP_NS)
        self.now_ns, self._t_ns = self.now_ns + self.dt_ns, t_ns

    def skip(self, t_ns):
        """A frame of that time tells nothing."""
        self.dt_ns, self._t_ns = 0, t_ns


def minute_of(text):
    """Minutes since midnight of "HH:MM"; ConfigError for anything else."""
    hours, _, minutes = str(text).partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(hours) < 24 and int(minutes) < 60):
        raise ConfigError(f"{text!r} is no time of day; it takes HH:MM from 00:00 to 23:59")
    return 60 * int(hours) + int(minutes)


class Hours:
    """Hours of the day in local time; from 22:00 to 06:00 passes midnight, from a time to itself is all day.

    Parameters
    ----------
    spans : tuple of ("HH:MM", "HH:MM"); none means always
    """

    def __init__(self, spans):
        self._spans = tuple((minute_of(first), minute_of(past)) for first, past in spans)

    def hold(self, minute):
        """Whether they hold at a minute of the day as clocks on the wall show it."""
        return not self._spans or any(_is_between(minute, *span) for span in self._spans)


def local_minute():
    """int, minutes since midnight in local time."""
    now = time.localtime()
    return 60 * now.tm_hour + now.tm_min


def _is_between(minute, first, past):
    return (minute - first) % DAY_MIN < ((past - first) % DAY_MIN or DAY_MIN)
