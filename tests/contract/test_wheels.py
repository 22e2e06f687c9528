"""A real wheel of another architecture: pip refuses it; unpacked by hand it runs on the twins and says why."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from edgepose import elf
from tests.build_scripts import FOLDER
from tests.conftest import ROOT

OTHER = "x86_64" if elf.own_machine() == "aarch64" else "aarch64"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The other architecture's wheel."""
    compiler = f"{OTHER.replace('_', '-')}-linux-gnu-gcc".replace("x86-64", "x86_64")
    if sys.version_info < (3, 11) or not shutil.which(compiler):
        pytest.skip(f"needs Python 3.11 and {compiler} (apt install gcc-{OTHER.replace('_', '-')}-linux-gnu)")
    folder = tmp_path_factory.mktemp("wheels")
    built = call(FOLDER / "wheel.py", OTHER, "--out", folder)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def call(*arguments, **more):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd="/", timeout=120,
                          env={**os.environ, **more})


def test_pip_refuses_it(wheel, tmp_path):
    done = call("-m", "pip", "install", "--no-deps", "--target", tmp_path, wheel)
    assert done.returncode == 1 and "is not a supported wheel on this platform" in done.stderr
    assert wheel.name.endswith(f"-cp310-abi3-manylinux_2_17_{OTHER}.whl")


def test_label_keeps_pip_of_python_3_14_and_3_9_away(wheel):
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
    assert "\nRequires-Python: <3.14,>=3.10\n" in metadata


def test_unpacked_by_hand_it_says_so_and_goes_on_with_the_twins(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    clip = ROOT / "edgepose" / "clips" / "pedestrians.mp4"
    done = call("-m", "edgepose", "run", clip, "--max-frames=1", "--backend=tflite", "--no-track",
                PYTHONPATH=str(tmp_path))
    assert done.returncode == 0 and done.stdout.startswith('{"schema":"edgepose.pose/1"'), done.stderr
    line = f"the compiled kernels here are for {OTHER}, and this machine is {elf.own_machine()}"
    assert done.stderr.count(line) == 1 and "install the wheel for it" in done.stderr
