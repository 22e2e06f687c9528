"""Away, supervised or off: set by hand or by a schedule, and prompts that it may be time for another."""

from datetime import datetime, timedelta

from edgepose.daemon.config.settings import MODES
from edgepose.daemon.events.event import Signal
from edgepose.daemon.rules.clock import minute_of
from edgepose.errors import ConfigError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ARRIVED_NS = 2_000_000_000  # adults are there for so long before the page asks
LEFT_NS = 60_000_000_000  # nobody is there for so long before it does
BACK = timedelta(hours=3)  # clocks go back by an hour or two at most; by more, the schedule begins anew


class Modes:
    """The mode of all cameras.

    Parameters
    ----------
    settings : ModeSettings; a schedule sets the mode from the start on, `initial` counts where there is none
    now : callable, naive datetime in local time, as clocks on the wall show it

    Attributes
    ----------
    mode : str, one of MODES
    by : str, who set it
    since : datetime, local
    prompt : "adult-arrived", "last-adult-left" or None

    Raises
    ------
    ConfigError : a mode, a day or a time that there is not

    Notes
    -----
    A switch that falls into the hour that spring skips happens at its end; in the hour that autumn repeats it happens
    once. A mode set by hand holds until the next switch of the schedule.
    """

    def __init__(self, settings, now=datetime.now):
        self._now, self._prompts = now, settings.prompt
        self._schedule = tuple(_check_switch(*switch) for switch in settings.schedule)
        self._n_adults, self._turned_ns, self._is_there, self._asked = {}, None, False, None
        self.mode, self.by, self.since, self.prompt = _check(settings.initial), "start", now(), None
        self._last = None
        self.tick()

    def set(self, mode, by):
        """Switch by hand; ConfigError for a mode that there is not."""
        self.mode, self.by, self.since, self.prompt = _check(mode), by, self._now(), None

    @property
    def switched(self):
        """When the schedule last set the mode, or should have; None without one."""
        return self._last

    def tick(self):
        """Follow the schedule; whether the mode has changed."""
        now = self._now()
        due = self._latest(now)
        if due is None or (self._last is not None and (due[0] == self._last or now < self._last < now + BACK)):
            return False
        before, self._last = self.mode, due[0]
        self.set(due[1], "schedule")
        return self.mode != before

    def watch(self, camera, n_adults, t_ns):
        """Learn how many adults a camera sees (`RuleBook.n_adults`); a list of Signals, of kind "prompt"."""
        self._n_adults[camera] = n_adults
        is_there = any(self._n_adults.values())
        if is_there != self._is_there or self._turned_ns is None or t_ns < self._turned_ns:
            self._is_there, self._turned_ns = is_there, t_ns
        return self._ask(t_ns) if self._prompts else []

    def forget(self, camera):
        """A camera is gone, or sees nothing."""
        self._n_adults.pop(camera, None)

    def _ask(self, t_ns):
        held_ns, asked = t_ns - self._turned_ns, None
        if self._is_there and self.mode == "away" and held_ns >= ARRIVED_NS:
            asked = "adult-arrived"
        elif not self._is_there and self.mode == "supervised" and held_ns >= LEFT_NS:
            asked = "last-adult-left"
        is_new = asked is not None and (asked, self._turned_ns) != self._asked
        if asked is None:
            self.prompt = None
        if not is_new:
            return []
        self._asked, self.prompt = (asked, self._turned_ns), asked
        return [Signal("modes", "prompt", "instant", t_ns, asked, people=sum(self._n_adults.values()))]

    def _latest(self, now):
        """(when, mode) of the last switch that is due, or None without a schedule."""
        latest = None
        for back in range(8):
            day = now - timedelta(days=back)
            for days, minute, mode in self._schedule:
                when = day.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
                if DAYS[day.weekday()] in days and when <= now and (latest is None or when > latest[0]):
                    latest = when, mode
        return latest


def _check(mode):
    if mode not in MODES:
        raise ConfigError(f"mode {mode!r} is not known; one of {', '.join(MODES)}")
    return mode


def _check_switch(days, time, mode):
    unknown = [day for day in days if day not in DAYS]
    if unknown or not days:
        raise ConfigError(f"schedule: {unknown[0] if unknown else 'nothing'!r} is no day; one of {', '.join(DAYS)}")
    return tuple(days), minute_of(time), _check(mode)
