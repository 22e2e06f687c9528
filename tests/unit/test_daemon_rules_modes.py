"""Modes, their schedule and the hours of rules: midnight, days on which clocks jump, prompts."""

from datetime import datetime, timedelta

import pytest

from edgepose.daemon.config.settings import ModeSettings
from edgepose.daemon.rules.clock import Hours, minute_of
from edgepose.daemon.rules.modes import DAYS, Modes
from edgepose.errors import ConfigError

SECOND = 1_000_000_000
NIGHT = (DAYS, "22:30", "away"), (DAYS, "07:00", "supervised")


class Wall:
    """A clock on the wall that is set by hand."""

    def __init__(self, *when):
        self.now = datetime(*when)

    def __call__(self):
        return self.now

    def go(self, **by):
        self.now += timedelta(**by)


@pytest.mark.parametrize("spans, minute, holds", [
    ((), "03:00", True), ((("22:00", "06:00"),), "22:00", True), ((("22:00", "06:00"),), "00:00", True),
    ((("22:00", "06:00"),), "05:59", True), ((("22:00", "06:00"),), "06:00", False),
    ((("22:00", "06:00"),), "21:59", False), ((("18:00", "00:00"),), "23:59", True),
    ((("18:00", "00:00"),), "00:00", False), ((("08:00", "09:00"), ("12:00", "13:00")), "12:30", True),
    ((("08:00", "09:00"), ("12:00", "13:00")), "09:30", False), ((("07:00", "07:00"),), "06:59", True)])
def test_hours_when_it_is_some_time_then_they_hold_or_not(spans, minute, holds):
    assert Hours(spans).hold(minute_of(minute)) is holds


@pytest.mark.parametrize("text", ["24:00", "7:5", "12:60", "noon", "", "-1:00", "12", None])
def test_time_when_it_is_none_then_one_line_says_so(text):
    with pytest.raises(ConfigError, match="no time of day; it takes HH:MM"):
        minute_of(text)


def test_modes_when_there_is_no_schedule_then_the_initial_one_stays():
    wall = Wall(2026, 5, 4, 12)
    modes = Modes(ModeSettings("supervised"), wall)
    wall.go(days=3)
    assert not modes.tick() and (modes.mode, modes.by) == ("supervised", "start")


@pytest.mark.parametrize("hour, mode", [(3, "away"), (7, "supervised"), (12, "supervised"), (22, "supervised"),
                                        (23, "away")])
def test_modes_when_started_then_the_schedule_says_which(hour, mode):
    assert Modes(ModeSettings("off", NIGHT), Wall(2026, 5, 4, hour)).mode == mode


def test_modes_when_set_by_hand_then_until_the_next_switch():
    wall = Wall(2026, 5, 4, 21)
    modes = Modes(ModeSettings("off", NIGHT), wall)
    modes.set("off", "page")
    wall.go(hours=1)
    assert not modes.tick() and (modes.mode, modes.by) == ("off", "page")
    wall.go(minutes=30)
    assert modes.tick() and (modes.mode, modes.by) == ("away", "schedule") and not modes.tick()


def test_modes_when_days_differ_then_only_theirs_count():
    wall = Wall(2026, 5, 8, 9)  # a Friday
    modes = Modes(ModeSettings("off", ((("sat", "sun"), "08:00", "supervised"), (("mon",), "08:00", "away"))), wall)
    assert modes.mode == "away"
    wall.go(days=1)
    assert modes.tick() and modes.mode == "supervised"


def test_modes_when_spring_skips_the_hour_then_the_switch_comes_at_its_end():
    wall = Wall(2026, 3, 29, 1, 59)
    modes = Modes(ModeSettings("off", (*NIGHT, (("sun",), "02:30", "off"))), wall)
    wall.now = datetime(2026, 3, 29, 3, 0)  # a minute later
    assert modes.tick() and modes.mode == "off"


def test_modes_when_autumn_repeats_the_hour_then_the_switch_comes_once():
    wall = Wall(2026, 10, 25, 2, 29)
    modes = Modes(ModeSettings("off", (*NIGHT, (("sun",), "02:30", "off"))), wall)
    wall.go(minutes=1)
    assert modes.tick() and modes.mode == "off"
    modes.set("supervised", "page")
    for minute in (0, 29, 30, 59):  # once more
        wall.now = datetime(2026, 10, 25, 2, minute)
        assert not modes.tick() and modes.mode == "supervised"


def test_modes_when_the_clock_was_wrong_by_years_then_the_schedule_begins_anew():
    wall = Wall(2036, 1, 1, 12)
    modes = Modes(ModeSettings("off", NIGHT), wall)
    wall.now = datetime(2026, 5, 4, 23)
    assert modes.tick() and modes.mode == "away"


@pytest.mark.parametrize("settings, word", [
    (ModeSettings("asleep"), "mode 'asleep' is not known; one of away, supervised, off"),
    (ModeSettings("off", (((), "07:00", "off"),)), "no day"),
    (ModeSettings("off", ((("mo",), "07:00", "off"),)), "'mo'"),
    (ModeSettings("off", ((("mon",), "7", "off"),)), "'7' is no time"),
    (ModeSettings("off", ((("mon",), "07:00", "on"),)), "'on'")])
def test_modes_when_something_is_wrong_then_one_line_names_it(settings, word):
    with pytest.raises(ConfigError, match=word):
        Modes(settings, Wall(2026, 5, 4))


def test_modes_when_a_mode_that_there_is_not_is_set_then_the_old_one_stays():
    modes = Modes(ModeSettings("away"), Wall(2026, 5, 4))
    with pytest.raises(ConfigError, match="'party'"):
        modes.set("party", "mqtt")
    assert modes.mode == "away"


def prompts(modes, n_adults, seconds, start_s, camera="yard"):
    return [signal.key for t_s in range(start_s, start_s + seconds)
            for signal in modes.watch(camera, n_adults, t_s * SECOND)]


def test_prompt_when_an_adult_arrives_while_away_then_it_asks_once():
    modes = Modes(ModeSettings("away"), Wall(2026, 5, 4))
    assert prompts(modes, 0, 10, 0) == [] and prompts(modes, 1, 30, 10) == ["adult-arrived"]
    assert modes.prompt == "adult-arrived"
    modes.set("supervised", "page")
    assert modes.prompt is None


def test_prompt_when_the_last_adult_leaves_then_it_asks_after_a_while():
    modes = Modes(ModeSettings("supervised"), Wall(2026, 5, 4))
    prompts(modes, 1, 10, 0), prompts(modes, 1, 10, 0, "hall")
    assert prompts(modes, 0, 90, 10) == []  # somebody is in the hall
    assert prompts(modes, 0, 50, 100, "hall") == [] and prompts(modes, 0, 50, 150, "hall") == ["last-adult-left"]


def test_prompt_when_an_adult_only_flits_by_or_none_are_wanted_then_it_does_not_ask():
    modes = Modes(ModeSettings("away"), Wall(2026, 5, 4))
    assert prompts(modes, 0, 5, 0) + prompts(modes, 1, 2, 5) + prompts(modes, 0, 5, 7) == []
    assert prompts(Modes(ModeSettings("away", prompt=False), Wall(2026, 5, 4)), 1, 30, 0) == []
