"""Records that are damaged anywhere: one line, never a crash."""

import copy
import json
import random

import pytest

from edgepose.bench import bootstrap, compare, packing, plan, reading, summary
from edgepose.bench.stamps import STAGES
from edgepose.errors import ConfigError
from tests.bench_runs import runs

CELL = plan.Cell(("clip.mp4",), "movenet-lightning", "replay")


@pytest.fixture
def written(rng, monkeypatch):
    """What a file of a record holds, without the parts that nobody compares."""
    monkeypatch.setattr(bootstrap, "N_DRAWS", 100)
    measured = runs(rng, 2, n=12)
    numbers = summary.summarise(measured, CELL)
    for run in measured:
        run["samples"] = {name: packing.pack(values, "<i8" if name == "done" else "<u4")
                          for name, values in run["samples"].items()}
    cell = {"cell": CELL.key(), "name": CELL.name, "error": None, "package": "p 1", "model_sha256": ["a"],
            "energy": [{"name": "s", "above_idle_uj": 5}],
            "doubts": [{"code": "virtual", "spoils": "nothing", "text": "t"}], "summary": numbers, "runs": measured}
    whole = {"schema": "edgepose.bench/1", "date": "2026-11-21", "machine": {"name": "m", "cores": 2},
             "cells": [cell, {**cell, "name": "none", "error": "could not run"}]}
    return json.loads(json.dumps(whole))


def places(value, path=()):
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from places(part, (*path, key))


def put(whole, path, value):
    for key in path[:-1]:
        whole = whole[key]
    whole[path[-1]] = value


def test_record_that_is_whole_reads_and_compares(written, tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(written))
    found = reading.read(tmp_path / "r.json")
    assert len(compare.compare(found, found)) == 1 and set(found["cells"][0]["runs"][0]["samples"]) > set(STAGES)


@pytest.mark.parametrize("value", [None, 7, -1, "x", [], {}, [1], {"n": 1}, 1e400, True])
def test_record_with_a_wrong_value_anywhere_is_one_line_or_does_not_matter(written, value):
    sound = reading.check(copy.deepcopy(written), "sound")
    for path in random.Random(1).sample(list(places(written)), 40):
        whole = copy.deepcopy(written)
        put(whole, path, value)
        try:
            compare.render(compare.compare(reading.check(whole, "r.json"), sound), "r.json")
        except ConfigError as error:
            assert str(error).startswith("r.json: ") and "\n" not in str(error), path


def test_samples_of_unlike_length_are_one_line(written):
    written["cells"][0]["runs"][1]["samples"]["sink"] = packing.pack([1, 2], "<u4")
    with pytest.raises(ConfigError, match=r"r.json: cells\[0\].runs\[1\].samples: not the same number"):
        reading.check(written, "r.json")
