"""Quantiles and how many samples they need; intervals that hold what they promise."""

import numpy as np
import pytest

from edgepose.bench import bootstrap, quantiles
from edgepose.bench.units import common_crowds, units


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch):
    """Enough to tell right from wrong, and quick."""
    monkeypatch.setattr(bootstrap, "N_DRAWS", 300)


@pytest.mark.parametrize("fraction, n", [(0.99, 299), (0.9, 29), (0.5, 5), (0.999, 2995)])
def test_quantile_needs_as_many_samples_as_wilks_says(fraction, n):
    assert quantiles.needed(fraction) == n
    assert fraction ** n <= 0.05 < fraction ** (n - 1)


def test_quantiles_are_values_that_were_measured():
    values = np.arange(1, 101) * 10
    assert quantiles.describe(values) == {"n": 100, "p50": 500, "p90": 900, "p99": 990, "max": 1000}


def test_nothing_measured_has_no_quantiles():
    assert quantiles.describe(np.array([], int)) == {"n": 0, "p50": None, "p90": None, "p99": None, "max": None}
    assert quantiles.histogram([]) == {"edges": [], "counts": []}


@pytest.mark.parametrize("values", [[7], [5, 5, 5], [0, 0, 3], [1, 10**9], list(range(1000))])
def test_histogram_counts_every_sample_once(values):
    found = quantiles.histogram(np.array(values))
    assert sum(found["counts"]) == len(values) and len(found["edges"]) == len(found["counts"]) + 1


def test_bars_show_the_least_bin_that_is_not_empty():
    assert quantiles.bars([0, 1, 800, 400]) == " ▁█▄" and quantiles.bars([]) == "" and quantiles.bars([0, 0]) == ""


@pytest.mark.parametrize("quantile, freedom, known", [  # from tables of Student's distribution
    (0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 3, 3.182), (0.975, 8, 2.306), (0.999, 8, 4.501), (0.9995, 30, 3.646),
    (0.5, 7, 0.0)])
def test_student_is_within_1_percent(quantile, freedom, known):
    assert bootstrap.student(quantile, freedom) == pytest.approx(known, rel=0.01, abs=1e-9)


def processes(rng, n=5, between=0.01, slower=1.0):
    """What processes that differ took."""
    return 100 * slower * rng.normal(1, between, n)


def test_interval_of_a_ratio_holds_the_truth_in_19_of_20(rng):
    misses = 0
    for seed in range(60):
        _, low, high = bootstrap.ratio_interval(processes(rng), processes(rng), 0.95, seed)
        misses += not low <= 1 <= high
    assert misses <= 6  # 3 are expected


def test_five_percent_are_seen_where_processes_differ_by_one(rng):
    found = [bootstrap.ratio_interval(processes(rng), processes(rng, slower=1.05), 0.99, seed) for seed in range(20)]
    assert sum(low > 1 for _, low, _ in found) >= 18
    assert all(ratio == pytest.approx(1.05, abs=0.03) for ratio, _, _ in found)


def test_few_processes_far_off_do_not_move_the_ratio(rng):
    old, new = processes(rng, 20), processes(rng, 20, slower=1.05)
    new[:3] *= 1.3
    ratio, low, high = bootstrap.ratio_interval(old, new)
    assert ratio == pytest.approx(1.05, abs=0.01) and 1.03 < low < high < 1.08


def test_interval_lies_around_its_centre_and_is_the_same_every_time(rng):
    found = processes(rng)
    low, high = bootstrap.interval(found)
    assert low < bootstrap.centre(found) < high and bootstrap.interval(found) == (low, high)


def test_centre_of_a_few_is_the_median_of_the_means_of_pairs():
    assert bootstrap.centre(np.exp([0.0, 1.0, 5.0])) == pytest.approx(np.exp(1.75))  # of 0, .5, 1, 2.5, 3, 5


def test_single_process_has_no_interval():
    assert bootstrap.interval([100.0]) is None
    ratio, low, high = bootstrap.ratio_interval([100.0], [110.0, 110.0])
    assert ratio == pytest.approx(1.1) and np.isnan(low) and np.isnan(high)


def crowded(n_people, sink):
    """A process's frames, of each how many people and how long the sink took."""
    return {"samples": {"n_people": np.repeat(n_people, 10), "sink": np.repeat(sink, 10)}}


def test_share_of_empty_frames_does_not_change_what_a_process_says():
    mostly, seldom = crowded([0, 0, 0, 1], [2, 2, 2, 10]), crowded([0, 1, 1, 1], [2, 10, 10, 10])
    crowds = common_crowds([mostly, seldom])
    assert crowds == ["nobody", "one"] and units([mostly, seldom], "sink", crowds).tolist() == [6, 6]


def test_processes_without_a_crowd_in_common_are_taken_as_a_whole():
    runs = [crowded([0], [2]), crowded([3], [10])]
    assert common_crowds(runs) == [] and units(runs, "sink", []).tolist() == [2, 10]
