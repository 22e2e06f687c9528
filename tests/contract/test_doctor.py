"""`edgepose doctor`, and what `--backend auto` says and loads, as processes."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import edgepose
from edgepose import backends, cli, doctor
from edgepose.backends import remembered
from edgepose.doctor import table
from tests.board_trees import BOARDS
from tests.doctor_world import validator

CLIP = Path(edgepose.__file__).resolve().parent / "clips" / "pedestrians.mp4"
both = pytest.mark.skipif(len(backends.installed()) < 2, reason="one backend is installed: nothing is measured")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def without_openvino(tmp_path, monkeypatch):
    """A machine where OpenVINO is installed and broken, and where nothing that is installed says otherwise."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "openvino.py").write_text("raise ImportError('libopenvino.so: wrong architecture')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "hidden"), os.environ.get("PYTHONPATH", "")]))


def call(*arguments):
    return subprocess.run([sys.executable, "-m", "edgepose", *map(str, arguments)], capture_output=True, text=True,
                          timeout=300)


def examine(name):
    """One finding, by the process that doctor starts for it."""
    return doctor.apart.Apart(name, doctor.finding.fail).finding(None)


def rows(name, finding):
    """What a person reads of a finding."""
    return "\n".join(table.rows({"left_out": [], "findings": {name: {"group": "Software", **finding}}}))


def keep(model, **changes):
    """A remembered choice of tflite against openvino."""
    conditions = remembered.describe(model, backends.AUTOMATIC, {"threads": 2}) | changes
    remembered.keep(remembered.Choice(conditions, {"tflite": 9.81, "openvino": 11.2}, {}, "2026-11-21"))


@both
def test_auto_measures_once_says_why_and_doctor_has_the_table(folder):
    runs = [call("run", CLIP, "--max-frames", 1) for _ in range(2)]
    lines = [run.stderr.strip() for run in runs]
    assert lines[0] == lines[1] and lines[0].startswith("edgepose: backend ") and "ms a frame against" in lines[0]
    chosen = json.loads(runs[0].stdout)["backend"]
    finding = examine("measured")
    row, = finding["times"]
    assert row["backend"] == chosen and row["holds"]
    assert {*row["times_ms"], *row["refused"]} == set(backends.installed())
    assert set(row["refused"].values()) <= {"its device is a CPU, where it is a fallback"}
    assert f"{chosen} {row['times_ms'][chosen]:.1f} ms (chosen)" in rows("measured", finding)


def test_doctor_marks_what_no_longer_holds(folder, lightning):
    keep(replace(lightning, name="other"), edgepose="0.0.1")
    keep(lightning)
    finding = examine("measured")
    holds = {row["model"]: row["holds"] for row in finding["times"]}
    assert holds == {"other": False, "movenet-lightning": True}
    text = rows("measured", finding)
    assert "movenet-lightning, threads 2: tflite 9.8 ms (chosen), openvino 11.2 ms; 2026-11-21\n" in text
    assert "2026-11-21; stale, of " in text


def test_doctor_goes_past_damaged_memory(folder):
    (folder / "edgepose" / "backends").mkdir(parents=True)
    (folder / "edgepose" / "backends" / "a.json").write_text("{")
    found = examine("measured")
    assert found["status"] == "ok" and found["times"] == []


def test_doctor_tells_of_a_cache_that_cannot_be_written(folder, monkeypatch):
    (folder / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))
    done = call("doctor")
    assert done.returncode == 0 and "warn cache" in done.stdout and "XDG_CACHE_HOME" in done.stdout


@pytest.mark.skipif("openvino" not in backends.installed(), reason="openvino is not installed")
def test_doctor_names_openvino_and_its_devices(folder):
    found = examine("openvino")
    assert found["status"] == "ok" and "openvino 2" in found["text"] and "CPU" in found["text"]


def test_doctor_without_openvino_is_content_and_says_how_to_get_it(folder, without_openvino):
    found = examine("openvino")
    assert found["status"] == "warn" and "pip install 'edgepose[openvino]'" in found["advice"]


def test_doctor_lists_opencl_devices_and_what_matters_of_them(folder):
    pytest.importorskip("pyopencl")
    found = examine("opencl")
    if not found.get("devices"):
        pytest.skip(found["text"])
    first = found["devices"][0]
    assert {"name", "platform", "type", "version", "driver", "compute_units", "memory_bytes", "extensions", "tuned",
            "fault"} <= set(first)
    text = rows("opencl", found)
    assert f"0: {first['name']} of {first['platform']} ({first['type']})" in text
    assert "not tuned: edgepose doctor --tune" in text


def test_doctor_without_pyopencl_is_content_and_says_how_to_get_it(folder, tmp_path, monkeypatch):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "pyopencl.py").write_text("raise ImportError('No module named pyopencl')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "hidden"), os.environ.get("PYTHONPATH", "")]))
    found = examine("opencl")
    assert found["status"] == "warn" and "pip install 'edgepose[opencl]'" in found["text"]


def test_doctor_without_an_opencl_driver_names_the_package(folder, tmp_path, monkeypatch):
    pytest.importorskip("pyopencl")
    monkeypatch.setenv("OCL_ICD_VENDORS", str(tmp_path))
    found = examine("opencl")
    assert found["status"] == "warn" and "apt install pocl-opencl-icd" in found["text"]


def test_broken_openvino_drops_out_with_its_reason(folder, without_openvino):
    done = call("run", CLIP, "--max-frames", 1)
    assert done.returncode == 0 and json.loads(done.stdout)["backend"] == "tflite"
    assert "openvino dropped out" in done.stderr and "wrong architecture" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_source_that_is_missing_costs_no_measurement(folder):
    done = call("run", folder / "missing.mp4")
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1
    assert not (folder / "edgepose").exists()


def test_named_backend_loads_no_other_and_measures_nothing(folder):
    code = ("import sys\nfrom edgepose.cli import main\nassert main(sys.argv[1:]) == 0\n"
            "assert not {'openvino', 'edgepose.backends.choice'} & set(sys.modules)")
    done = subprocess.run([sys.executable, "-c", code, "run", str(CLIP), "--max-frames", "1", "--backend", "tflite"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and done.stderr == "" and not (folder / "edgepose").exists()


@pytest.fixture
def with_deadly_tflite(tmp_path, monkeypatch):
    """A machine whose TFLite package dies as soon as it is loaded, as one made for another CPU does."""
    package = tmp_path / "hidden" / "ai_edge_litert"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "interpreter.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)")
    monkeypatch.setattr(doctor.apart, "_environment", lambda: {**os.environ, "PYTHONPATH": os.pathsep.join(
        [str(package.parent), str(Path(edgepose.__file__).parents[1])])})


def test_doctor_outlives_a_runtime_that_dies(folder, with_deadly_tflite):
    report = doctor.examine()
    found = report["findings"]
    assert found["tflite"]["status"] == "fail" and "dies as it is loaded (SIGILL)" in found["tflite"]["text"]
    assert not doctor.is_fit(report)
    assert {found[name]["status"] for name in ("python", "numpy", "models")} == {"ok"}
    validator.validate(report)


def test_doctor_prints_json_of_its_schema_and_exits_0(folder):
    done = call("doctor", "--json")
    report = json.loads(done.stdout)
    validator.validate(report)
    assert done.returncode == 0 and done.stderr == ""
    assert report["live"] and report["left_out"] == [] and set(report["findings"]) == set(doctor.CHECKS)
    tflite, kernels = report["findings"]["tflite"], report["findings"]["kernels"]
    assert tflite["status"] == "ok" and "thread" in tflite["text"]
    assert kernels["text"] == "compiled" or kernels["advice"]


def test_doctor_warns_of_the_twins(monkeypatch):
    monkeypatch.setenv("EDGEPOSE_KERNELS", "twins")
    found = examine("kernels")
    assert found["status"] == "warn" and "twins" in found["text"] and "EDGEPOSE_KERNELS" in found["advice"]


@pytest.mark.parametrize("arguments", [["--record", "-", "--json"], ["--record", "-", "--tree", "."],
                                       ["--tune", "--tree", "."], ["--tree", "/no/such/file"]])
def test_doctor_takes_no_contradictions(arguments, capsys):
    assert cli.main(["doctor", *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_doctor_records_into_a_file_that_it_can_examine(tmp_path, capsys):
    assert cli.main(["doctor", "--record", str(tmp_path / "mine.txt")]) == 0
    assert cli.main(["doctor", "--json", "--tree", str(tmp_path / "mine.txt")]) == 0
    report = json.loads(capsys.readouterr().out)
    validator.validate(report)
    assert not report["live"] and report["board"]["name"] == doctor.Place().board.name
    assert cli.main(["doctor", "--record", str(tmp_path / "no" / "folder")]) == 2


def test_doctor_when_nobody_reads_what_it_says_then_one_line_tells():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "edgepose", "doctor", "--tree", BOARDS / "raspberry-pi-5.txt"]
    with os.fdopen(writing, "w") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True)
    assert done.stderr == "edgepose: standard output: the program that was reading it has ended\n"
