"""The overlay's clocks."""

from fractions import Fraction
from itertools import pairwise

import pytest

from edgepose.sinks.rate import Rate, ShowTimes

MS = 1_000_000


def ticks(times_ms):
    clock = iter(times_ms)
    rate = Rate(lambda: next(clock) * MS)
    return [rate.tick() for _ in times_ms]


def show_times(t_ms, ticks_per_s=1000, fps=25):
    times = ShowTimes(Fraction(ticks_per_s), Fraction(fps))
    return [times.next(t * MS) for t in t_ms]


def test_rate_when_one_frame_came_then_there_is_none():
    assert ticks([5]) == [None]


def test_rate_when_frames_are_even_then_it_is_theirs():
    assert ticks(range(0, 5000, 40))[1:] == [25.0] * 124


def test_rate_when_it_changes_then_the_old_one_is_forgotten_in_a_second():
    assert ticks([*range(0, 1000, 10), *range(1000, 2200, 100)])[-1] == 10


def test_rate_when_frames_are_seconds_apart_then_the_last_two_count():
    assert ticks([0, 4000, 6000])[-1] == 0.5


def test_show_times_when_capture_is_uneven_then_shown_so():
    assert show_times([7000, 7033, 7100, 7101, 9000]) == [0, 33, 100, 101, 2000]


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60, Fraction(30000, 1001)])
def test_show_times_when_the_rate_is_even_then_ticks_are_even(fps):
    times = ShowTimes(Fraction(60000), Fraction(fps))
    stamps = [times.next(round(i * 10**9 / fps)) for i in range(500)]
    assert {b - a for a, b in pairwise(stamps)} == {60000 / fps}


def test_show_times_when_the_clock_stands_still_then_frames_follow_at_the_rate():
    assert show_times([0, 0, 0, 0]) == [0, 40, 80, 120]


def test_show_times_when_the_clock_jumps_back_then_they_still_rise():
    assert show_times([5000, 5040, 0, 40, 5500]) == [0, 40, 80, 120, 500]


def test_show_times_when_the_grid_is_coarse_then_no_two_are_equal():
    assert show_times([0, 30, 50, 80, 200], ticks_per_s=25) == [0, 1, 2, 3, 5]
