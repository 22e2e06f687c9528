"""A session with made-up processes: what it keeps, and what stands in the record and the table."""

from types import SimpleNamespace

import numpy as np
import pytest

from edgepose.bench import bootstrap, markdown, packing, plan, table
from edgepose.bench.session import Session
from edgepose.board import Vitals
from edgepose.errors import BackendError
from tests.bench_runs import MS, run

OPTIONS = SimpleNamespace(seconds=1, processes=2, warm_up_s=0, idle_s=0, gap_s=0, seed=1, cpus=[], slow={})
CELL = plan.Cell(("clip.mp4",), "movenet-lightning", "replay")


class Bar:
    """Counts, and may end it."""

    def __init__(self, stop_after=99):
        self.n, self._stop_after = 0, stop_after

    def update(self):
        self.n += 1
        if self.n == self._stop_after:
            raise KeyboardInterrupt


@pytest.fixture
def session(tmp_path, monkeypatch, rng):
    """A Session whose processes are made up; `faults` holds cells that break."""
    monkeypatch.setattr(bootstrap, "N_DRAWS", 100)

    def make(cells, bar=None, outcome=None, faults=()):
        made = Session(cells, OPTIONS, Vitals(tmp_path, lambda _: None), [], lines.append, bar or Bar())
        made.run = lambda cell, seconds=None: fake(cell, outcome, faults)
        made.lines = lines
        return made

    def fake(cell, outcome, faults):
        if cell.model in faults:
            raise BackendError(f"{cell.model} does not run here")
        found = outcome(cell) if outcome else run(rng)
        found["packed"] = {name: packing.pack(values, "<i8") for name, values in found["samples"].items()}
        return found | {"warm_up": {"work": packing.pack([], "<i8")}}

    lines = []
    return make


def printed(made):
    return table.render(made.record("edgepose bench") | {"power_notes": []})


def test_every_process_of_every_cell_is_measured(session):
    made = session([CELL, plan.Cell(("clip.mp4",), "movenet-thunder", "replay")])
    made.measure()
    assert [len(runs) for runs in made.runs] == [2, 2] and not made.was_cut and "thunder" in printed(made)


def test_cell_that_breaks_is_left_out_and_the_others_go_on(session):
    made = session([CELL, plan.Cell(("clip.mp4",), "movenet-thunder", "replay")], faults=["movenet-thunder"])
    made.measure()
    assert [len(runs) for runs in made.runs] == [2, 0] and len(made.lines) == 1 and "does not run here" in made.lines[0]
    assert "left out: movenet-thunder does not run here" in " ".join(printed(made).split())


def test_lone_cell_that_breaks_is_the_error(session):
    with pytest.raises(BackendError, match="does not run here"):
        session([CELL], faults=["movenet-lightning"]).measure()


def test_interrupted_before_the_first_process_there_is_nothing_and_it_says_so(session, monkeypatch):
    made = session([CELL])
    monkeypatch.setattr(made, "_rest", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    made.measure()
    assert made.was_cut and "movenet-lightning, replay, 1 thread: no frame was measured" in printed(made)
    assert "edgepose bench" in markdown.render(made.record("edgepose bench") | {"power_notes": []})


def at_pace(cell):
    """A process that holds three cameras and no more."""
    found = run(np.random.default_rng(cell.n_cameras))
    found["samples"]["latency"] = np.full(400, (60 if cell.n_cameras <= 3 else 140) * MS)
    return found


def test_as_many_cameras_are_found_as_the_processes_hold(session):
    made = session([plan.Cell(("clip.mp4",), "movenet-lightning", "replay", mode="cameras", fps=10.0)], outcome=at_pace)
    made.find_cameras()
    assert made.cells[0].n_cameras == 3 and made.probes[0][0]["n_cameras"] == 8
    text = printed(made)
    assert "holds 3 cameras of 10 frames a second" in text
    assert "4 cameras of 10 fps: p99 140.0 ms of 100.0: too many" in text


def test_trials_are_kept_when_the_user_ends_them(session):
    made = session([plan.Cell(("clip.mp4",), "movenet-lightning", "replay", mode="cameras", fps=10.0)], outcome=at_pace)
    usual = made.run
    asked = []

    def stop_at_the_third(cell, seconds=None):
        asked.append(cell)
        if len(asked) == 4:
            raise KeyboardInterrupt
        return usual(cell)

    made.run = stop_at_the_third
    made.find_cameras()
    assert made.was_cut and len(made.probes[0]) == 2 and len(made.runs[0]) == 1 and "too many" in printed(made)


def test_markdown_has_a_row_a_cell_with_the_command_and_the_verdict(session):
    made = session([CELL, plan.Cell(("clip.mp4",), "movenet-thunder", "replay")])
    made.measure()
    lines = markdown.render(made.record("edgepose bench --model x") | {"power_notes": []}).splitlines()
    assert lines[0].startswith("| | frame p50 ms") and lines[3].startswith("| movenet-thunder, replay, 1 thread |")
    assert "`edgepose bench --model x`" in lines[-1] and "trustworthy" in lines[-1]


def test_table_says_that_there_is_no_sensor_and_what_stands_in_the_way_of_one(session):
    made = session([CELL])
    made.measure()
    assert "energy not measured: no power sensor here" in printed(made)
    denied = table.render(made.record("edgepose bench") | {"power_notes": ["rapl: no permission; RULES grants it"]})
    assert "energy not measured: rapl: no permission; RULES grants it" in denied
