"""The commands on a board whose profile says more than a PC's."""

import json
import os
import platform
import subprocess
import sys

import pytest

from tests.boards import PROFILE, write_profile

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64" or sys.maxsize < 1 << 32,
                                reason="makes a PC's profile up, which stands for this machine")


@pytest.fixture
def call(tmp_path):
    """Calls the command line where the PC's profile has another model and backend, and one core."""
    text = PROFILE.replace('model = ["Some Board *"]\ncompatible = ["maker,board"]\n', "")
    for old, new in (('"aarch64", "armv7l"', '"x86_64"'), ("movenet-lightning", "movenet-thunder"),
                     ("[1, 2, 3]", "[0]"), ("threads = 3", "threads = 1"), ("fps = 10", "fps = 7")):
        text = text.replace(old, new)
    write_profile(tmp_path / "ports", text, "x86-64")
    environment = {**os.environ, "EDGEPOSE_PORTS": str(tmp_path / "ports")}

    def call(*arguments):
        return subprocess.run([sys.executable, "-m", "edgepose", *map(str, arguments)], capture_output=True, text=True,
                              timeout=120, env=environment)

    return call


def test_run_takes_model_and_backend_of_the_board(call):
    done = call("run", "synthetic:", "--max-frames", 1)
    frame = json.loads(done.stdout)
    assert (frame["model"], frame["backend"]) == ("movenet-thunder", "tflite"), done.stderr


def test_run_prefers_what_is_given(call):
    done = call("run", "synthetic:", "--max-frames", 1, "--model", "movenet-lightning", "--backend", "replay")
    frame = json.loads(done.stdout)
    assert (frame["model"], frame["backend"]) == ("movenet-lightning", "replay"), done.stderr


def test_bench_writes_down_which_board_it_went_by(call, tmp_path):
    done = call("bench", "--seconds", 0.2, "--processes", 1, "--warm-up", 0, "--idle", 0, "--gap", 0, "--power", "none",
                "--json", tmp_path / "r.json")
    whole = json.loads((tmp_path / "r.json").read_text())
    assert whole["machine"]["board"] == {"name": "x86-64", "title": "Board with a camera", "tier": "expected",
                                         "generic": True}
    assert (whole["cells"][0]["cell"]["model"], whole["cells"][0]["cell"]["backend"]) == ("movenet-thunder", "tflite")
    assert whole["options"]["cpus"] == ([0] if len(os.sched_getaffinity(0)) == os.cpu_count() else [])
    assert "profile x86-64" in done.stdout


def test_daemon_says_which_board_it_goes_by(call, tmp_path):
    file = tmp_path / "edgepose.toml"
    file.write_text(f'[daemon]\ndirectory = "{tmp_path}"\n[[camera]]\nname = "a"\nsource = "synthetic:"\n')
    assert call("daemon", "--config", file, "--check").stdout.splitlines()[:2] == [
        "board    Board with a camera", "model    movenet-thunder, backend tflite, 1 thread(s)"]


def test_wrong_profile_is_one_line_with_its_place(call, tmp_path):
    path = tmp_path / "ports/x86-64/board.toml"
    path.write_text(path.read_text().replace("zone =", "zonne ="))
    done = call("run", "synthetic:", "--max-frames", 1)
    assert done.returncode == 2 and not done.stdout
    assert f"{path}:17: thermal.zonne: is not known (did you mean 'zone'?)" in done.stderr
