"""What `install.sh --lite` leaves on a 64-bit ARM board: its size, and that all of it runs, emulated.

Two minutes, and a network: `python -m pytest tests/slow`, after `make test-arm`, whose tree of Debian 12 it stands on.
"""

import importlib.util
import os
import subprocess
import sys

import pytest

from tests.arm import emulator, errors, locks, tree
from tests.arm.stage import ROOT, Stage

spec = importlib.util.spec_from_file_location("lite", ROOT / "ports" / "lite.py")
lite = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lite)

LIMIT_BYTES = 150_000_000
#: More than the byte code of what `run`, the daemon and `doctor` load (8.1 MB).
CODE_BYTES = 9_000_000
#: A virtual environment's own, as `python3 -m venv` makes it.
VENV_BYTES = 100_000
PLATFORMS = [word for tag in ("manylinux2014", "manylinux_2_17", "manylinux_2_27", "manylinux_2_28")
             for word in ("--platform", f"{tag}_aarch64")]
PLAN = locks.plans()["aarch64"]
HOME = tree.find(PLAN)  # now, for tests have a cache of their own
PYTHON = "/out/venv/bin/python"
PEDESTRIANS = "/out/venv/lib/python3.11/site-packages/edgepose/clips/pedestrians.mp4"
CAMERA = '[[camera]]\nname = "yard"\nsource = "clip:pedestrians"\n'


def lack(reason):
    """A skip; in CI a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def pip(site, python, *arguments):
    """Install wheels for aarch64 and a version of Python into a folder."""
    done = subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install",
                           "--no-compile", "--no-deps", "--ignore-requires-python", "--only-binary=:all:",
                           "--implementation=cp", f"--python-version={python}", *PLATFORMS, "--upgrade",
                           "--target", site, *arguments], capture_output=True, text=True)
    if done.returncode:
        lack(f"pip: {done.stderr.strip().splitlines()[-1]}")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Ours, cross-compiled."""
    done = subprocess.run([sys.executable, "ports/build/wheel.py", "aarch64", "--out", tmp_path_factory.mktemp("w")],
                          cwd=ROOT, capture_output=True, text=True)
    return done.stdout.split()[-1] if done.returncode == 0 else lack(f"no wheel: {done.stderr.strip()[-200:]}")


def install(site, python, wheel):
    """As install.sh does: what is locked, then ours."""
    pip(site, python, "--require-hashes", "-r", ROOT / "ports" / "locks" / f"{python}-aarch64-daemon.txt")
    pip(site, python, "--no-index", wheel)


def test_lite_install_when_for_python_3_13_then_under_150_mb(tmp_path, wheel):
    install(tmp_path, "3.13", wheel)
    before = lite.size_bytes(tmp_path)
    lite.shrink(tmp_path)
    assert lite.size_bytes(tmp_path) + CODE_BYTES + VENV_BYTES < LIMIT_BYTES < before


class Board:
    """Runs programs of a lite install in the emulated tree."""

    def __init__(self, stage):
        self.stage = stage

    def run(self, *command):
        """(exit code, what it printed)."""
        log = self.stage.out / "log"
        return self.stage.run(*command, log=log), log.read_text()


@pytest.fixture(scope="module")
def board(tmp_path_factory, wheel):
    """Debian 12's Python 3.11 with a lite install, made small by itself there; /out/venv."""
    out = tmp_path_factory.mktemp("out")
    try:
        emulator.check()
    except errors.Missing as error:
        lack(str(error))
    home = HOME or lack("the tree of aarch64 is not built yet: make test-arm")
    (out / "package" / "edgepose").mkdir(parents=True)  # nothing: only the environment's own is to be found
    board = Board(Stage(PLAN, home, out / "package", out, None, PLAN.cpu))
    with emulator.Registered(PLAN):
        assert board.run("python3", "-m", "venv", "--without-pip", "/out/venv")[0] == 0
        install(out / "venv" / "lib" / "python3.11" / "site-packages", "3.11", wheel)
        code, text = board.run(PYTHON, "-B", "/src/ports/lite.py")
        assert code == 0, text
        yield board


def test_lite_install_when_on_a_board_then_runs(board):
    code, text = board.run(PYTHON, "-I", "-m", "edgepose", "run", PEDESTRIANS, "--backend", "tflite", "--max-frames",
                           "2", "--overlay", "/out/a.mp4", "--overlay", "/out/a.webp")
    assert code == 0 and text.count('"poses":[{') == 2, text
    assert (board.stage.out / "a.webp").stat().st_size > 1000


def test_lite_install_when_on_a_board_then_watches_and_examines(board):
    (board.stage.out / "c.toml").write_text(CAMERA)
    for command in (("daemon", "--config", "/out/c.toml", "--check"), ("doctor",)):
        code, text = board.run(PYTHON, "-I", "-m", "edgepose", *command)
        assert code == 0 and "Traceback" not in text, text
    assert board.run(PYTHON, "-I", "-c", "import edgepose.daemon.service, edgepose.daemon.web.server")[0] == 0


def test_lite_install_when_all_has_run_then_under_150_mb(board):
    venv = board.stage.out / "venv"
    code = sum(lite.size_bytes(folder) for folder in venv.rglob("__pycache__"))
    print(f"{lite.size_bytes(venv) / 1e6:.1f} MB, {code / 1e6:.1f} of it byte code")
    assert 1_000_000 < code < CODE_BYTES
    assert lite.size_bytes(venv) < LIMIT_BYTES


def test_lite_install_when_made_small_then_whole_for_pip(board):
    text = board.run(PYTHON, "-I", "-c", "from importlib import metadata; print([(d.metadata['Name'], f) for d in "
                     "metadata.distributions() for f in d.files if not f.locate().exists()])")[1]
    assert text == "[]\n"
    licences = [path for path in (board.stage.out / "venv").rglob("*") if "licen" in path.name.lower()]
    assert len(licences) > 15
