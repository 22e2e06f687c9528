"""The wheel, outside the checkout: built, unpacked elsewhere, run from another directory."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from edgepose import native

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder),
                            str(ROOT)], capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stderr
    wheel = next(folder.glob("*.whl"))
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return wheel, folder / "site"


def call(site, *arguments):
    return subprocess.run([sys.executable, "-m", "edgepose", *arguments], capture_output=True, text=True, cwd="/",
                          env={**os.environ, "PYTHONPATH": str(site)}, timeout=120)


def test_wheel_runs_from_another_directory(site):
    _, folder = site
    done = call(folder, "run", str(folder / "edgepose" / "clips" / "pedestrians.mp4"), "--max-frames", "1")
    assert done.returncode == 0 and done.stdout.startswith('{"schema":"edgepose.pose/1"'), done.stderr
    assert str(folder) in call(folder, "doctor").stdout
    verified = call(folder, "models", "verify").stdout
    assert "movenet-lightning: whole" in verified and "movenet-thunder: whole" in verified


def test_wheel_finds_its_boards_from_another_directory(site):
    done = subprocess.run([sys.executable, "-c", "from edgepose import board; print(board.names(), board.detect())"],
                          capture_output=True, text=True, cwd="/", timeout=60,
                          env={**os.environ, "PYTHONPATH": str(site[1])})
    assert "['aarch64', 'armv7', " in done.stdout and "Board(name=" in done.stdout, done.stderr
    assert "edgepose/ports/x86-64/board.toml" in zipfile.ZipFile(site[0]).namelist()


def test_wheel_carries_data_and_no_build_scripts(site):
    names = set(zipfile.ZipFile(site[0]).namelist())
    assert {"edgepose/models/movenet-lightning/manifest.toml", "edgepose/models/movenet-lightning/LICENSE",
            "edgepose/models/movenet-thunder/movenet-thunder.tflite",
            "edgepose/schemas/pose-1.schema.json", "edgepose/recordings/movenet-lightning.npz"} <= names
    assert not [name for name in names if "build" in name or name.startswith(("tests", "benchmarks"))]


def test_wheel_with_both_models_stays_small_enough_for_a_slow_line(site):
    assert site[0].stat().st_size < 12_000_000


@pytest.mark.skipif(sys.version_info < (3, 11) or native.KIND == "twins", reason="3.10 has a wheel of its own")
def test_wheel_is_of_the_stable_abi(site):
    assert "-cp310-abi3-" in site[0].name
    assert "edgepose/native/_kernels.abi3.so" in zipfile.ZipFile(site[0]).namelist()
