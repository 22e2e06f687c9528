"""What doctor says of Python, the C library, NumPy and wheels, of a service and of the time: nothing is loaded."""

import subprocess
import sys

import pytest

from edgepose import doctor
from edgepose.doctor import apart, finding, runtimes, service, software, timekeeping, wheels
from tests.conftest import ROOT


@pytest.mark.parametrize("version, free_threaded, status, words", [
    ((3, 9), False, "fail", "too old, edgepose runs on 3.10 to 3.13"), ((3, 10), False, "ok", "Linux"),
    ((3, 13), False, "ok", "Linux"), ((3, 13), True, "warn", "free-threaded"),
    ((3, 14), False, "fail", "too new, edgepose runs on 3.10 to 3.13"), ((4, 0), False, "fail", "too new")])
def test_python_is_judged_by_its_version(version, free_threaded, status, words):
    found = software.judge_python(version, free_threaded)
    assert found["status"] == status and words in found["text"]
    assert (software.ANOTHER in found["advice"]) == (status != "ok")


@pytest.mark.parametrize("versions, status", [
    (("1.26.4", None, "2.14.0"), "ok"), (("2.2.6", None, "2.14.0"), "fail"), (("2.2.6", "2.3.0", "2.14.0"), "ok"),
    (("2.2.6", "2.3.0", None), "ok"), ((None, "2.3.0", None), "fail"), (("10.0", None, "2.13.0"), "fail")])
def test_numpy_is_judged_with_the_tflite_package(versions, status):
    assert software.judge_numpy(*versions)["status"] == status


def test_tflite_that_would_die_is_not_loaded(monkeypatch):
    versions = {"numpy": "2.2.6", "tflite-runtime": "2.14.0"}
    monkeypatch.setattr(software, "version_of", versions.get)
    monkeypatch.setattr("edgepose.backends.tflite.find_interpreter", lambda: pytest.fail("it was loaded"))
    found = runtimes.examine_tflite(doctor.Place())
    assert found["status"] == "fail" and "would die: see numpy" in found["text"]
    assert "numpy<2" in software.examine_numpy(doctor.Place())["advice"]


@pytest.mark.parametrize("machine, glibc, status, words", [
    ("aarch64", (2, 36), "ok", "2.36"), ("aarch64", (2, 31), "warn", "openvino (2.35"),
    ("x86_64", (2, 31), "ok", "2.31"), ("aarch64", None, "warn", "musl"),
    ("armv7l", (2, 31), "ok", "2.31")])
def test_c_library_is_held_against_the_wheels(machine, glibc, status, words, monkeypatch):
    monkeypatch.setattr(wheels, "version_of", lambda name: None)
    found = wheels.judge_glibc(machine, glibc)
    assert found["status"] == status and words in found["text"]


NONE = {"ai-edge-litert": None, "tflite-runtime": None, "openvino": None}


@pytest.mark.parametrize("machine, python, glibc, installed, status, words", [
    ("aarch64", (3, 12), (2, 36), NONE | {"ai-edge-litert": "2.3.0"}, "ok", "to be had: openvino"),
    ("aarch64", (3, 12), (2, 36), NONE, "fail", "pip install ai-edge-litert"),
    ("armv7l", (3, 11), (2, 36), NONE, "fail", "pip install tflite-runtime"),
    ("armv7l", (3, 13), (2, 41), NONE, "fail", "or Python 3.11 with glibc 2.34 or newer"),
    ("armv7l", (3, 11), (2, 31), NONE | {"tflite-runtime": "2.13.0"}, "ok", "installed: tflite-runtime 2.13.0"),
    ("aarch64", (3, 9), (2, 27), NONE, "fail", "Python 3.10 to 3.13 with glibc 2.27 or newer"),
    ("riscv64", (3, 12), (2, 36), NONE, "fail", "another architecture: aarch64, armv7l, x86_64"),
    ("armv7l", (3, 11), (2, 31), NONE, "fail", "take Python 3.10 with glibc 2.17 or newer"),
    ("armv7l", (3, 10), (2, 31), NONE, "fail", "pip install tflite-runtime"),
    ("aarch64", (3, 11), (2, 31), NONE, "fail", "pip install ai-edge-litert"),
    ("aarch64", (3, 12), None, NONE, "fail", "take Python")])
def test_wheels_are_judged_for_the_machine_and_its_python(machine, python, glibc, installed, status, words):
    found = wheels.judge_wheels(machine, python, glibc, installed)
    assert found["status"] == status and words in found["text"] + found["advice"]


@pytest.mark.parametrize("unit, status, words", [
    (("not-found", "inactive", "dead", "0", ""), "ok", "not installed"),
    (("loaded", "active", "running", "2", "enabled"), "ok", "active (running), enabled, restarted 2 times"),
    (("loaded", "activating", "auto-restart", "312", "enabled"), "warn", "journalctl -u edgepose"),
    (("loaded", "failed", "failed", "1", "enabled"), "warn", "journalctl -u edgepose"),
    (("loaded", "active", "running", "0", "disabled"), "warn", "systemctl enable"),
    (("", "", "", "", ""), "ok", "not installed")])
def test_service_is_judged_by_what_systemd_says(unit, status, words):
    found = service.judge(*unit)
    assert found["status"] == status and words in found["text"] + found["advice"]


@pytest.mark.parametrize("file, status, words", [
    ("run/systemd/timesync/synchronized", "ok", "systemd-timesyncd"), ("run/chrony/chronyd.pid", "ok", "chronyd"),
    (".dockerenv", "ok", "container"), ("run/nothing", "warn", "after a power cut"),
    ("sys/class/rtc/rtc0/name", "warn", "not synchronised with any time server")])
def test_time_is_kept_by_somebody(file, status, words, tmp_path):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).touch()
    found = timekeeping.examine(doctor.Place(tmp_path))
    assert found["status"] == status and words in found["text"]
    assert ("battery" in found["text"]) == (file == "run/nothing")


def test_process_that_hangs_is_ended_and_told(monkeypatch):
    monkeypatch.setattr(apart, "_PATIENCE_S", 0.01)
    begun = apart.Apart("models", finding.warn)
    found = begun.finding(None)
    assert found["status"] == "warn" and "no answer within" in found["text"]


def test_check_is_made_here_where_no_process_can_be_started(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    begun = apart.Apart("models", finding.fail)
    assert begun.finding(lambda: finding.good("asked here"))["text"] == "asked here"


def test_process_that_ends_without_a_finding_tells_its_last_words():
    found = apart.Apart("no-such-check", finding.fail).finding(None)
    assert found["status"] == "fail" and found["text"] == "ends with exit code 1: KeyError: 'no-such-check'"


def test_doctor_comes_as_far_as_its_findings_without_numpy(tmp_path):
    (tmp_path / "numpy.py").write_text("raise ImportError('numpy: wrong architecture')")
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/arch").write_text("aarch64\n")
    code = "import sys; sys.path.insert(0, sys.argv[3])\nfrom edgepose.cli import main\nsys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, "doctor", "--tree", str(tmp_path)], capture_output=True,
                          text=True, cwd=ROOT)
    assert done.returncode == 0 and "Power and heat" in done.stdout, done.stderr


def rows_of_the_table():
    """(architecture, Python, glibc, the TFLite packages that have a wheel) of each system in ports/RUNTIMES.md."""
    lines = [line.strip("| \n").split(" | ") for line in (ROOT / "ports/RUNTIMES.md").read_text().splitlines()
             if line.startswith("|") and "---" not in line]
    for cells in lines[1:]:
        row = dict(zip(lines[0], cells))
        yield (row["machine"], *map(wheels.read_version, (row["Python"], row["glibc"])),
               [name for name in wheels.TFLITE if row[name] != "-"])


@pytest.mark.parametrize("machine, python, glibc, packages", [row for row in rows_of_the_table() if row[1] >= (3, 10)])
def test_wheels_are_those_of_the_table_of_runtimes(machine, python, glibc, packages):
    found = wheels.judge_wheels(machine, python, glibc, dict.fromkeys(wheels.TFLITE + ("openvino",)))
    assert [name for name in wheels.TFLITE if name in found["text"].partition("to be had: ")[2]] == packages
