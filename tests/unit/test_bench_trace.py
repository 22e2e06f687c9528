"""Energy between two moments, from counters and from power."""

import numpy as np
import pytest

from edgepose.bench import energy
from edgepose.bench.trace import Trace
from tests.bench_runs import S, runs


def counter(mw=2000, seconds=30):
    """A counter under constant power, read every 0.1 s."""
    t_ns = range(0, seconds * S, S // 10)
    return Trace("rapl", "CPU package", "energy", t_ns, [t * mw // 10**6 for t in t_ns])


def test_counter_between_two_readings_is_a_straight_line():
    assert counter().energy_uj(S + S // 20, 2 * S + S // 20) == pytest.approx(2_000_000)
    assert counter().mean_mw(S, 4 * S) == pytest.approx(2000)


def test_power_is_summed_as_trapezoids():
    trace = Trace("m", "all", "power", [0, S, 2 * S], [1000, 3000, 3000])
    assert trace.energy_uj(0, 2 * S) == pytest.approx(5_000_000)
    assert trace.energy_uj(S // 2, S) == pytest.approx(1_250_000)


@pytest.mark.parametrize("begin, end", [(-1, S), (S, 31 * S)])
def test_energy_beyond_the_readings_is_not_guessed(begin, end):
    assert counter().energy_uj(begin, end) is None


def test_trace_with_one_reading_tells_nothing():
    assert Trace("m", "all", "power", [5], [1000]).energy_uj(5, 5) is None


def test_sensor_that_always_says_the_same_is_stuck():
    assert Trace("m", "all", "power", range(20), [4321] * 20).is_stuck
    assert not Trace("m", "all", "power", range(19), [4321] * 19).is_stuck
    assert not Trace("m", "all", "power", range(20), [4321] * 19 + [4320]).is_stuck


def test_energy_of_a_frame_is_above_idle_and_in_all(rng):
    measured = runs(rng, 1)  # from second 10 on
    end = measured[0]["moments"]["end_ns"] / S
    t_ns = np.arange(0, int((end + 1) * S), S // 50)
    trace = Trace("m", "5 V rail", "power", t_ns.tolist(), np.where(t_ns < 9 * S, 1000, 3000).tolist())
    (row,) = energy.of_cell([trace], measured, (0, 5 * S))
    spent_s = end - 10
    assert row["idle_mw"] == 1000 and row["mean_mw"] == 3000 and row["covers"] == "5 V rail"
    assert row["frame_uj"] == pytest.approx(3000 * spent_s / 400 * 1000, rel=1e-3)
    assert row["above_idle_uj"] == pytest.approx(2000 * spent_s / 400 * 1000, rel=1e-3)


@pytest.mark.parametrize("begin_s, known", [(0, True), (2, True), (4, False)])
def test_idle_baseline_must_be_seen_by_half_at_least(rng, begin_s, known):
    measured = runs(rng, 1)
    t_ns = range(begin_s * S, 40 * S, S // 10)
    trace = Trace("meter", "all", "power", t_ns, [1000 + t % 7 for t in range(len(t_ns))])
    assert bool(energy.of_cell([trace], measured, (0, 5 * S))) == known
    assert energy.missing([trace], measured, (0, 5 * S)) == ([] if known else ["meter"])


def test_sensor_that_vanished_in_the_middle_gives_no_energy(rng):
    measured = runs(rng, 2)
    trace = Trace("m", "all", "power", range(0, 15 * S, S // 10), list(range(150)), fault="gone")
    assert energy.of_cell([trace], measured, (0, 5 * S)) == []
    assert energy.of_cell([trace], measured[:1], (0, 5 * S)) != []
