"""The service unit, as systemd itself judges it."""

import re
import shutil
import subprocess

import pytest

from tests.conftest import ROOT

UNIT = ROOT / "ports" / "systemd" / "edgepose.service"


@pytest.fixture
def unit(tmp_path):
    """The unit with a program that is there on every machine."""
    path = tmp_path / "edgepose.service"
    path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(), flags=re.MULTILINE))
    return path


def analyze(*words):
    """Exit code and text of systemd-analyze; skips the test where there is none."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here: apt install systemd")
    done = subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, timeout=60)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd is too old to judge a unit that is not installed")
    return done.returncode, done.stdout + done.stderr


def test_unit_when_systemd_reads_it_then_it_has_nothing_to_say(unit):
    assert analyze("verify", "--man=no", "--recursive-errors=no", unit) == (0, "")


def test_unit_when_a_key_is_unknown_then_systemd_would_say_so(unit):
    unit.write_text(unit.read_text() + "\n[Service]\nWatchdog=30\n")
    assert "Unknown key" in analyze("verify", "--man=no", "--recursive-errors=no", unit)[1]


def test_unit_when_systemd_weighs_what_it_exposes_then_little(unit):
    code, text = analyze("security", "--offline=yes", "--threshold=20", "--no-pager", unit)
    assert code == 0, text.splitlines()[-1]


def test_unit_when_the_loop_hangs_or_ends_then_it_is_started_again():
    keys = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE))
    assert (keys["Type"], keys["Restart"], keys["StartLimitIntervalSec"]) == ("notify", "always", "0")
    assert int(keys["WatchdogSec"]) > 0 and keys["RestartPreventExitStatus"] == "2"
