"""`edgepose bench --submit-file`, and what a maintainer makes of its file."""

import getpass
import importlib.util
import io
import json
import os
import socket
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pytest

from edgepose import cli
from edgepose.bench import submission
from tests.board_trees import BOARDS
from tests.conftest import ROOT

BENCH = ["bench", "--seconds", "0.3", "--processes", "1", "--warm-up", "0", "--idle", "0", "--gap", "0", "--power",
         "none", "--backend", "tflite"]
HOME = os.path.expanduser("~")
DOCTOR = {"--json": json.dumps({"cache": {"ok": True, "text": f"{HOME}/.cache/edgepose of {getpass.getuser()}"}}),
          "--record": "# a remark\nproc/device-tree/model: A Board\nsys/class/net/x: dc:a6:32:01:02:03\n"}


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """(file, what the command said) of a submission; doctor's part is made up."""
    path = tmp_path_factory.mktemp("submit") / "proof.json"
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(io.StringIO()) as said:
        patch.setattr(submission, "_doctor", lambda *arguments: DOCTOR[arguments[0]])
        assert cli.main([*BENCH, "--submit-file", str(path)]) == 0
    return path, said.getvalue()


def judge(*paths):
    """What the script of that name makes of files."""
    spec = importlib.util.spec_from_file_location("submissions", ROOT / "benchmarks/submissions.py")
    script, out, err = importlib.util.module_from_spec(spec), io.StringIO(), io.StringIO()
    spec.loader.exec_module(script)
    with redirect_stdout(out), redirect_stderr(err):
        code = script.main(list(map(str, paths)))
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def sound(path, folder, **more):
    """A file as a Raspberry Pi 5 would have sent it after a longer run."""
    whole = json.loads(path.read_text())
    board = {"name": "x86-64", "title": "any x86-64 PC", "tier": "expected", "generic": True}
    whole |= {"board": board, "model": "Some Board", "tree": ["proc/sys/kernel/arch: x86_64"]}
    whole["bench"]["machine"] |= {"board": board, "virtual": False, "emulated": False, "commit": None} | more
    for cell in whole["bench"]["cells"]:
        cell["doubts"] = []
    (folder / "sound.json").write_text(json.dumps(whole))
    return folder / "sound.json"


def test_submission_when_written_is_what_its_schema_says(sent):
    path, _ = sent
    assert json.loads(path.read_text())["schema"] == "edgepose.submission/1"
    done = judge(path)
    assert done.returncode == 1 and done.stderr.startswith(f"{path}: "), done.stderr  # refused, but not as damaged


def test_submission_when_written_has_nothing_private(sent):
    text = sent[0].read_text()
    private = [f'"{HOME}', f"{HOME}/", "dc:a6", *(name for name in (getpass.getuser(), socket.gethostname())
                                                 if name not in ("root", "localhost") and len(name) > 3)]
    addresses = [path.read_text().strip() for path in Path("/sys/class/net").glob("*/address")]
    assert not [word for word in private + addresses if len(word) > 3 and set(word) - set("0:") and word in text]
    assert '"(path)' in text


def test_command_when_it_has_written_says_what_to_do_with_it(sent):
    path, said = sent
    assert f"{path}: read through it, open an issue of the project and attach it" in said


@pytest.mark.parametrize("more, option", [
    (["synthetic:"], "leave SOURCE out"), (["--fps", "5"], "leave --fps out"), (["--track"], "leave --track out"),
    (["--cameras", "5"], "leave --cameras out"), (["--profile"], "leave --submit-file out")])
def test_submission_when_it_could_not_be_compared_is_refused(more, option, capsys, tmp_path):
    assert cli.main([*BENCH, "--submit-file", str(tmp_path / "a.json"), *more]) == 2
    assert option in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_submission_when_it_cannot_be_written_costs_no_time(capsys):
    assert cli.main([*BENCH, "--submit-file", "/nowhere/a.json"]) == 2
    assert "/nowhere" in capsys.readouterr().err


def test_submission_when_doctor_breaks_is_one_line(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(submission, "_doctor", lambda *_: "no JSON")
    assert cli.main([*BENCH, "--seconds", "0.1", "--submit-file", str(tmp_path / "a.json")]) == 2
    assert "edgepose doctor --json gives no JSON" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_proof_when_it_is_sound_becomes_a_row(sent, tmp_path):
    done = judge(sound(sent[0], tmp_path))
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.splitlines()[2].startswith("| any x86-64 PC: Some Board | movenet-lightning, ")


@pytest.mark.parametrize("more, why", [({"emulated": True}, "emulated"), ({"virtual": True}, "virtual machine")])
def test_proof_when_it_is_of_no_board_is_refused(sent, tmp_path, more, why):
    done = judge(sound(sent[0], tmp_path, **more))
    assert done.returncode == 1 and why in done.stderr and done.stdout == ""


def test_proof_when_its_tree_is_of_another_board_is_refused(sent, tmp_path):
    path = sound(sent[0], tmp_path)
    whole = json.loads(path.read_text())
    whole["tree"] = (BOARDS / "raspberry-pi-5.txt").read_text().splitlines()
    path.write_text(json.dumps(whole))
    assert ", not of x86-64" in judge(path).stderr


@pytest.mark.parametrize("text, why", [
    ("", "not a JSON file"), ("[]", "is not of type 'object'"), ('{"schema": "edgepose.bench/1"}', "it takes what"),
    ("\0", "not a JSON file"), ("[" * 100_000, "not a JSON file")])
def test_file_when_it_is_none_of_ours_is_one_line(tmp_path, text, why):
    (tmp_path / "a.json").write_text(text)
    done = judge(tmp_path / "a.json")
    assert done.returncode == 2 and why in done.stderr and done.stderr.count("\n") == 1


def test_doctor_when_asked_for_the_tree_gives_one():
    done = subprocess.run([sys.executable, "-m", "edgepose", "doctor", "--help"], capture_output=True, text=True)
    if "--record" not in done.stdout:
        pytest.skip("this doctor records no tree")
    assert any(line.startswith("proc/") for line in submission._tree())
