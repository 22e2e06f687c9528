"""What doctor prints for people, and that the pictures of it in docs/doctor.md are true."""

import re
import subprocess
import sys

import pytest

from edgepose import doctor
from edgepose.doctor import finding, table
from tests.board_trees import lay_out
from tests.conftest import ROOT

REPORT = {"left_out": [], "findings": {
    "board": {"group": "Board"} | finding.good("a board"), "swap": {"group": "Board"} | finding.warn("bad", "do this"),
    "tflite": {"group": "Software"} | finding.fail("word " * 60, "do that")}}


def test_output_in_the_documentation_is_what_doctor_prints():
    done = subprocess.run([sys.executable, ROOT / "tests" / "doctor_outputs.py", "--check"], capture_output=True,
                          text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_check_is_in_the_documentation():
    text = (ROOT / "docs" / "doctor.md").read_text()
    assert not [name for name in doctor.CHECKS if not re.search(rf"^\| .*`{name}`.* \|", text, re.MULTILINE)]


def test_findings_stand_in_groups_and_problems_are_named_at_the_end():
    lines = list(table.rows(REPORT))
    assert lines[:6] == ["Board", "  ok   board      a board", "  warn swap       bad",
                         "                  -> do this", "", "Software"]
    assert lines[-1] == "Does not work without: tflite. Worth a look: swap."


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_lines_fit_into_the_terminal(columns, tmp_path):
    report = doctor.examine(doctor.Place(lay_out("jetson-orin-nano", tmp_path)))
    for told in (report, REPORT):
        lines = list(table.rows(told, columns))
        assert max(map(len, lines)) <= columns, max(lines, key=len)


@pytest.mark.parametrize("told, columns", [("", None), ("20", 60), ("90", 90), ("300", 120)])
def test_width_is_the_terminals_within_reason_and_a_pipe_folds_nothing(told, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", told)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert table.width() == columns
