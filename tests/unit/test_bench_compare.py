"""Two records side by side: what is a regression, and what is not."""

import numpy as np
import pytest

from edgepose.bench import bootstrap, compare, plan
from edgepose.errors import ConfigError
from tests.bench_runs import USUAL, runs

CELL = plan.Cell(("clip.mp4",), "movenet-lightning", "replay")


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch):
    """Enough to tell right from wrong, and quick."""
    monkeypatch.setattr(bootstrap, "N_DRAWS", 300)


def a_record(rng, cell=CELL, **stages):
    """A record as `reading.read` gives it."""
    summed = {"yardstick_ns": {"median": 400_000}, "throughput_hz": 80.0, "cpu_ns": 12_000_000,
              "memory": {"peak_bytes": 80 << 20}}
    found = {"cell": cell.key(), "name": cell.name, "error": None, "doubts": [], "runs": runs(rng, 5, n=200, **stages),
             "package": "p 1", "model_sha256": ["a"], "energy": [], "summary": summed}
    return {"cells": [found], "machine": {"name": "m", "cores": 4}}


def changes(old, new, **more):
    (pair,) = compare.compare(old, new, **more)
    return {change.name: change for change in pair.changes}, pair


def test_identical_work_is_no_regression(rng):
    found, pair = changes(a_record(rng), a_record(rng))
    assert not any(change.is_regression for change in found.values()) and pair.doubts == []
    assert "verdict: no regression; a frame's change would show from" in compare.render([pair], "old.json")


@pytest.mark.parametrize("stage", ["source", "letterbox", "network", "decode", "sink"])
def test_five_percent_in_one_stage_are_found_in_that_stage(rng, stage):
    slow = a_record(rng, **{stage: USUAL[stage] * 1.06})
    found, pair = changes(a_record(rng), slow)
    assert found[stage].is_regression and found[stage].low > 1
    others = {name for name, change in found.items() if change.is_regression} - {stage, "work"}
    assert not others and f"REGRESSION in {stage}" in compare.render([pair], "old.json")


def test_less_than_the_tolerance_is_no_regression_even_where_it_is_sure(rng):
    old, new = a_record(rng), a_record(rng, network=10.25)
    assert not changes(old, new)[0]["network"].is_regression
    assert changes(old, new, tolerance=0.0)[0]["network"].is_regression


def test_records_of_other_machines_must_differ_beyond_the_tolerance_as_a_whole(rng):
    old, new = a_record(rng), a_record(rng, network=10.33)
    sure, _ = changes(old, new)
    old["machine"] = {"name": "other", "cores": 4}
    doubted, _ = changes(old, new)
    assert sure["network"].is_regression and 1 < doubted["network"].low < 1.03
    assert not doubted["network"].is_regression
    assert changes(old, a_record(rng, network=20))[0]["network"].is_regression


def test_what_a_slower_machine_explains_is_no_regression(rng):
    old, new = a_record(rng), a_record(rng, network=10.6)
    new["cells"][0]["summary"]["yardstick_ns"]["median"] *= 1.07
    found, pair = changes(old, new)
    assert found["network"].low > 1 and not found["network"].is_regression and "7.0% slower" in pair.doubts[0]
    assert changes(old, a_record(rng, network=10.6))[0]["network"].is_regression


def test_records_that_are_not_trustworthy_are_compared_and_it_is_said(rng):
    old, new = a_record(rng), a_record(rng, network=10.6)
    new["cells"][0]["doubts"] = [{"code": "steal", "spoils": "all", "text": "t"}]
    found, pair = changes(old, new)
    assert found["network"].is_regression and pair.doubts == ["what was measured now is not trustworthy by itself"]
    assert "see the doubts" in compare.render([pair], "old.json")


def test_what_got_faster_is_said_and_is_no_regression(rng):
    found, pair = changes(a_record(rng), a_record(rng, network=8))
    assert not found["network"].is_regression and found["network"].high < 1
    assert "faster" in compare.render([pair], "old.json")


def test_queueing_counts_only_where_a_camera_sets_the_pace(rng):
    assert "latency" not in changes(a_record(rng), a_record(rng))[0]
    paced = plan.Cell(("clip.mp4",), "movenet-lightning", "replay", mode="paced", fps=15.0)
    assert "latency" in changes(a_record(rng, paced), a_record(rng, paced))[0]


def test_another_machine_and_another_package_are_doubts(rng):
    old, new = a_record(rng), a_record(rng)
    old["machine"], old["cells"][0]["package"] = {"name": "other", "cores": 4}, "p 0.9"
    new["cells"][0]["summary"]["yardstick_ns"]["median"] *= 1.2
    text = " ".join(changes(old, new)[1].doubts)
    assert "name: other then, m now" in text and "p 0.9 then, p 1 now" in text and "20.0% slower now" in text


def test_cells_of_other_work_are_not_compared(rng):
    old = a_record(rng, plan.Cell(("clip.mp4",), "movenet-thunder", "replay"))
    assert compare.compare(old, a_record(rng)) == []
    with pytest.raises(ConfigError, match="nothing to compare.*thunder.*lightning"):
        compare.check(old, [CELL])
    compare.check(old, [plan.Cell(("/elsewhere/clip.mp4",), "movenet-thunder", "replay")])


def test_cold_start_is_compared_by_process(rng):
    old, new = a_record(rng), a_record(rng)
    for run in new["cells"][0]["runs"]:
        run["moments"]["first_ns"] += 400_000_000
    found = changes(old, new)[0]["cold start"]
    assert found.is_regression and found.ratio == pytest.approx(1.5)


def test_memory_and_energy_stand_beside_without_an_interval(rng):
    old, new = a_record(rng), a_record(rng)
    for whole, uj in ((old, 40_000), (new, 50_000)):
        whole["cells"][0]["energy"] = [{"name": "rapl package-0", "above_idle_uj": uj}]
    text = compare.render([changes(old, new)[1]], "old.json")
    assert "MiB of memory at the peak" in text and max(map(len, text.splitlines())) <= 99
    line = next(line for line in text.splitlines() if line.startswith("mJ above idle, rapl package-0"))
    assert line.split()[-4:] == ["40.00", "->", "50.00", "+25.0%"]


def test_single_process_is_never_a_regression_and_says_so(rng):
    old, new = a_record(rng), a_record(rng, network=20)
    del new["cells"][0]["runs"][1:]
    found, pair = changes(old, new)
    assert not any(change.is_regression for change in found.values()) and "a single process" in pair.doubts[0]
    assert "unknown" in compare.render([pair], "old.json")


def test_stage_that_took_no_time_is_left_out(rng):
    old, new = a_record(rng), a_record(rng)
    new["cells"][0]["runs"][0]["samples"]["sink"] = np.zeros(200, int)
    assert "sink" not in changes(old, new)[0]
