"""`edgepose bench` as a user meets it, and the processes that it starts."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import tty
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest

from edgepose import PoseEstimator, backends, cli, native, sources
from edgepose.bench import packing, plan, profile, reading
from edgepose.bench.child import Child
from edgepose.bench.session import Session
from edgepose.board import Vitals
from edgepose.errors import BackendError, ModelError
from tests.conftest import ROOT
from tests.contract.test_cli import call

compiled = pytest.mark.skipif(native.KIND == "twins", reason="the twins are too slow; no compiled kernels here")
QUICK = ["--seconds", 0.5, "--processes", 2, "--warm-up", 0.05, "--idle", 0.1, "--gap", 0]
REPLAY = ["bench", "--backend", "replay", *QUICK]


@pytest.fixture(scope="session")
def meter():
    """The path of a serial line on which a power meter speaks."""
    theirs, ours = pty.openpty()
    tty.setraw(theirs)
    os.set_blocking(theirs, False)
    stop = threading.Event()

    def feed():
        watts = 2.0
        while not stop.wait(0.02):
            watts += 0.001
            with suppress(BlockingIOError):  # nobody reads just now
                os.write(theirs, b"%.3f\n" % watts)

    feeder = threading.Thread(target=feed)
    feeder.start()
    yield os.ttyname(ours)
    stop.set()
    feeder.join()
    os.close(theirs)
    os.close(ours)


@pytest.fixture(scope="session")
def measured(meter, tmp_path_factory):
    """(what was printed, the record's path) of one quick run beside a power meter."""
    path = tmp_path_factory.mktemp("bench") / "r.json"
    done = call(*REPLAY, "--power", f"serial:{meter}", "--json", path)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout, path


def read(path):
    return json.loads(path.read_text())


def task(**more):
    cell = plan.Cell(plan.CLIPS, "movenet-lightning", "replay", **more)
    return plan.Task(cell, seconds=0.3, warm_up_s=0.05)


def outcome(given):
    with Child(given) as child:
        return child.wait(lambda: None)


def samples(found, name):
    return packing.unpack(found["samples"][name], name)


# ---- what works

def test_record_is_valid_by_its_schema(measured):
    schema = json.loads((ROOT / "edgepose" / "schemas" / "bench-1.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(read(measured[1]), schema)


def test_table_has_every_stage_and_a_verdict_within_99_columns(measured):
    table = measured[0]
    assert max(map(len, table.splitlines())) <= 99
    for word in ("source", "letterbox", "network alone", "decode", "sink", "p50", "p99", "nobody", "cold start",
                 "verdict:", "CPU", "MiB"):
        assert word in table


def test_stages_of_every_frame_add_up_to_its_latency_in_the_record(measured):
    whole = reading.read(measured[1])
    for run in whole["cells"][0]["runs"]:
        found = {name: run["samples"][name].astype(np.int64) for name in run["samples"]}
        parts = sum(found[name] for name in ("source", "letterbox", "wait", "network", "decode", "rest", "sink"))
        assert (found["latency"] >= parts).all() and (np.diff(found["done"]) > 0).all()


def test_warm_up_is_kept_apart(measured):
    run = read(measured[1])["cells"][0]["runs"][0]
    assert run["warm_up"]["work"]["n"] >= 5
    warm, counted = (packing.unpack(run[part]["done"], part) for part in ("warm_up", "samples"))
    assert warm.max() <= run["moments"]["begin_ns"] < counted.min()


def test_start_is_from_the_process_to_the_first_pose(measured):
    run = read(measured[1])["cells"][0]["runs"][0]
    moments = run["moments"]
    order = [run["spawned_ns"], run["started_ns"], run["imported_ns"], moments["source_ns"], moments["loaded_ns"],
             moments["first_ns"], moments["begin_ns"], moments["end_ns"]]
    assert order == sorted(order)


@pytest.mark.skipif("tflite" not in backends.installed(), reason="no tflite runtime is installed")
def test_clips_that_ship_hold_frames_with_nobody_and_with_one():
    with PoseEstimator("movenet-lightning", "tflite") as estimator:
        found = [{estimator.estimate(frame).n for frame in sources.open_source(clip)} for clip in plan.CLIPS]
    assert found == [{1}, {0}]


@compiled
def test_frames_at_a_cameras_pace_are_in_time():
    found = outcome(task(mode="paced", fps=40.0))
    done = samples(found, "done")
    assert 5 <= len(done) <= 16 and found["counts"]["rewinds"] <= 2
    assert samples(found, "latency").min() < 25e6


@compiled
def test_several_cameras_share_a_backend_in_turn():
    found = outcome(plan.Task(task(mode="cameras", fps=50.0, n_cameras=3).cell, seconds=0.5, warm_up_s=0.1))
    assert 40 <= len(samples(found, "done")) <= 90 and found["counts"]["taken"] >= 40


def test_tracked_pipeline_is_measured_with_all_its_looks_in_each_frame():
    plain, tracked = outcome(task()), outcome(task(track=True))
    rest = [np.median(samples(found, "rest")) for found in (plain, tracked)]
    assert rest[1] > rest[0] > 0 and samples(tracked, "network").min() > 0


def test_stage_made_slower_on_purpose_takes_longer():
    given = task()
    usual, slow = outcome(given), outcome(plan.Task(given.cell, 0.3, 0.05, slow={"decode": 40.0}))
    assert np.median(samples(slow, "decode")) > 10 * np.median(samples(usual, "decode"))


def test_sweep_measures_every_cell_and_leaves_out_what_cannot_run(tmp_path):
    done = call(*REPLAY, "--model", "movenet-lightning,movenet-thunder", "--markdown", "--json", tmp_path / "r.json")
    assert done.returncode == 0 and "left out" in done.stderr and len(done.stderr.splitlines()) == 1
    assert [bool(cell["error"]) for cell in read(tmp_path / "r.json")["cells"]] == [False, True]
    lines = done.stdout.splitlines()
    assert lines[0].startswith("| ms, movenet-lightning") and lines[1] == "|---|---|---|---|---|"
    assert "`edgepose bench" in lines[-1] and "trustworthy" in lines[-1]


def test_external_meter_gives_energy_and_says_what_it_covers(measured):
    words, cell = " ".join(measured[0].split()), read(measured[1])["cells"][0]
    assert "mJ a frame above idle" in words and "whatever the external meter is wired to" in words
    (row,) = cell["energy"]
    assert 2000 < row["idle_mw"] <= row["mean_mw"] < 4000 and 0 < row["above_idle_uj"] < row["frame_uj"]


@pytest.mark.parametrize("name", ["tflite", "openvino"])  # OpenCL's first start is too long for a test of this
def test_profiler_of_each_backend_accounts_for_the_network(name):
    if name not in backends.installed():
        pytest.skip(f"{name} is not installed; pip install 'edgepose[{name}]'")
    found = profile.profile(plan.Cell(plan.CLIPS, "movenet-lightning", name), n_frames=8)
    total = sum(operation["ns"] for operation in found["operations"])
    assert len(found["operations"]) > 50 and found["network_ns"] / 10 < total < found["network_ns"] * 10


def test_help_loads_nothing_heavy():
    code = ("import sys\nfrom edgepose.cli import main\n"
            "try:\n    main(['bench', '--help'])\nexcept SystemExit:\n    pass\n"
            "assert not {'numpy', 'PIL', 'matplotlib', 'ai_edge_litert'} & set(sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "--cameras" in done.stdout, done.stderr


# ---- two records

def test_regression_is_exit_code_1_and_names_the_stage(measured, tmp_path):
    whole = read(measured[1])
    for run in whole["cells"][0]["runs"]:
        for name in ("decode", "sink"):
            times = packing.unpack(run["samples"][name], name) // 20
            run["samples"][name] = packing.pack(times, "<u4")
    (tmp_path / "old.json").write_text(json.dumps(whole))
    done = call(*REPLAY, "--processes", 3, "--compare", tmp_path / "old.json")
    assert done.returncode == 1 and "verdict: REGRESSION in decode, sink" in done.stdout.splitlines()[-1], done.stdout


def fails(capsys, *arguments):
    """What a call prints that fails as it should: code 2, one line."""
    assert cli.main(["bench", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and err.startswith("edgepose: ")
    return err


@pytest.mark.parametrize("text, word", [
    ("{", "not a JSON"), ("[]", "schema"), ('{"schema": "edgepose.bench/0"}', "bench/0"),
    ('{"schema": "edgepose.bench/1"}', "machine"),
    ('{"schema": "edgepose.bench/1", "machine": {}, "date": "x", "cells": [{"runs": []}]}', "cells[0]: cell is null")])
def test_broken_record_is_one_line_before_anything_is_measured(capsys, tmp_path, text, word):
    (tmp_path / "old.json").write_text(text)
    assert word in fails(capsys, "--compare", tmp_path / "old.json")


def test_damaged_samples_are_one_line(capsys, measured, tmp_path):
    whole = read(measured[1])
    whole["cells"][0]["runs"][1]["samples"]["work"]["zlib"] = "AAAA"
    (tmp_path / "old.json").write_text(json.dumps(whole))
    assert "cells[0].runs[1].samples.work: damaged" in fails(capsys, "--compare", tmp_path / "old.json")


def test_record_of_something_else_is_one_line_before_anything_is_measured(capsys, measured):
    found = fails(capsys, *REPLAY[1:], "--fps", 200, "--compare", measured[1])
    assert "nothing to compare" in found and "closed" in found and "paced 200 fps" in found


# ---- what goes wrong

@pytest.mark.parametrize("arguments, word", [
    (["--seconds", 0], "--seconds"), (["--processes", 0], "--processes"), (["--fps", -1], "--fps"),
    (["--cpus", "a"], "--cpus"), (["--fps", 10, "--cameras", 5], "one of them"), (["--threads", "x"], "--threads"),
    (["--backend", "tensorrt"], "tflite"), (["--model", "hourglass"], "hourglass"), (["--power", "volcano"], "volcano"),
    (["--json", "/nowhere/r.json"], "/nowhere"), (["/nowhere.mp4"], "/nowhere.mp4"), (["--cpus", "4095"], "4095"),
    (["--device", "GPU"], "device"), (["--profile", "--fps", 3], "leave --fps out"),
    (["--track", "--cameras", 5], "--track"), (["--compare", "/nowhere.json"], "/nowhere.json")])
def test_bad_option_is_one_line_with_the_way_out(capsys, arguments, word):
    assert word in fails(capsys, *REPLAY[1:], *arguments)


def test_process_that_dies_is_a_backend_error():
    child = Child(task())
    with pytest.raises(BackendError, match="ended by signal 9"), child:
        os.kill(child.pid, signal.SIGKILL)
        child.wait(lambda: None)


def test_error_of_a_process_comes_back_as_its_own_class():
    with pytest.raises(ModelError, match="hourglass"):
        outcome(plan.Task(plan.Cell(plan.CLIPS, "hourglass", "replay")))


class Stopper:
    """A bar that the user is tired of after the first process."""

    def update(self):
        raise KeyboardInterrupt


def test_interrupted_session_keeps_what_it_has_and_says_so():
    options = SimpleNamespace(seconds=0.9, processes=3, warm_up_s=0.05, idle_s=0.1, gap_s=0, seed=1, cpus=[], slow={})
    session = Session([task().cell], options, Vitals(), [], print, Stopper())
    session.measure()
    whole = session.record("edgepose bench")
    assert whole["was_cut"] and whole["cells"][0]["summary"]["n_processes"] == 1
    assert "cut-short" in {doubt["code"] for doubt in whole["cells"][0]["doubts"]}


def test_ctrl_c_while_measuring_gives_the_table_of_what_there_is(tmp_path):
    command = ["bench", "--backend", "replay", "--seconds", 120, "--processes", 1, "--warm-up", 0, "--idle", 0,
               "--json", tmp_path / "r.json"]
    run = subprocess.Popen([sys.executable, "-m", "edgepose", *map(str, command)], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
    while busy_ticks(run.pid) < 120 and run.poll() is None:  # more than a second of work: past its start
        os.sched_yield()
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130 and err == "" and "the run was cut short" in out
    assert read(tmp_path / "r.json")["was_cut"]


def busy_ticks(pid):
    """CPU time of a process's children so far, in ticks."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(words[11]) + int(words[12]) if int(words[1]) == pid else 0
    return ticks
