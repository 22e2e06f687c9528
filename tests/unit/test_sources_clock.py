"""Times of frames."""

import time
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from edgepose.sources.clock import ArrivalClock, FileClock

MS = Fraction(1, 1000)


def times(fps, stamps, base=MS):
    clock = FileClock(base, fps)
    return [clock.time_ns(pts) for pts in stamps]


def test_file_clock_when_stamps_are_uneven_then_exact_from_zero():
    assert times(30, [500, 510, 777]) == [0, 10_000_000, 277_000_000]


def test_file_clock_when_base_does_not_divide_then_no_drift():
    base = Fraction(1001, 30000)
    assert times(30, range(0, 90001, 30000), base) == [i * 1_001_000_000_000 for i in range(4)]


def test_file_clock_when_stamps_are_missing_then_nominal_rate():
    assert times(50, [None, None, None]) == [0, 20_000_000, 40_000_000]


def test_file_clock_when_a_stamp_is_missing_in_between_then_one_step_on():
    assert times(50, [0, None, 100, None]) == [0, 20_000_000, 100_000_000, 120_000_000]


def test_file_clock_when_unit_is_unknown_then_nominal_rate():
    assert times(50, [7, 9], None) == [0, 20_000_000]


def test_file_clock_when_rate_is_unknown_then_25_a_second():
    assert times(None, [None, None]) == [0, 40_000_000]


def test_file_clock_when_stamps_jump_back_then_goes_on_from_there():
    assert times(50, [0, 20, 40, 0, 20]) == [0, 20_000_000, 40_000_000, 60_000_000, 80_000_000]


@given(st.lists(st.none() | st.integers(-(1 << 50), 1 << 50)))
def test_file_clock_when_stamps_are_anything_then_time_never_goes_back(stamps):
    seen = times(30, stamps)
    assert seen == sorted(seen) and (not seen or seen[0] == 0)


def test_arrival_clock_when_asked_then_now_on_the_monotonic_clock():
    before = time.monotonic_ns()
    assert before <= ArrivalClock().time_ns(123) <= time.monotonic_ns()
