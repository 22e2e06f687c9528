"""A wheel of the wrong machine, a Python that will not do: one line, and on with the twins where that is possible."""

import ast
import os
import subprocess
import sys

import pytest

import edgepose
from edgepose import elf
from tests.build_scripts import load
from tests.conftest import ROOT
from tests.unit.test_wheels_build import HEADERS, elf_header

#: Kernels of another machine than this one, whichever this is.
OTHER = next(machine for machine in HEADERS if machine != elf.own_machine())


def call(code, *arguments, **more):
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **more})


@pytest.mark.parametrize("machine", HEADERS)
def test_header_tells_the_machine(tmp_path, machine):
    (tmp_path / "x.so").write_bytes(elf_header(machine))
    assert elf.machine_of(tmp_path / "x.so") == machine


def test_header_of_a_machine_without_a_name_tells_its_number(tmp_path):
    (tmp_path / "x.so").write_bytes(elf_header("x86_64")[:18] + bytes((8, 0)))
    assert elf.machine_of(tmp_path / "x.so") == "machine 8 with 64 bits"


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"import this\n" * 9])
def test_what_is_no_elf_file_has_no_machine(tmp_path, content):
    (tmp_path / "x.so").write_bytes(content)
    assert elf.machine_of(tmp_path / "x.so") is None


def test_kernels_of_this_machine_are_not_foreign():
    assert elf.foreign([os.path.realpath(sys.executable)]) == ""


def test_kernels_of_another_machine_give_one_line_and_the_twins(tmp_path):
    """As where a wheel was unpacked by hand: all of it runs, only the library does not load."""
    (tmp_path / "native").mkdir()
    for file in (ROOT / "edgepose" / "native").glob("*.py"):
        (tmp_path / "native" / file.name).symlink_to(file)
    (tmp_path / "native" / "_kernels.abi3.so").write_bytes(elf_header(OTHER) + bytes(44))
    done = call("import sys, edgepose; edgepose.__path__.insert(0, sys.argv[1]); from edgepose import native as own; "
                "print(own.KIND, '|', own.WHY, '|', own.presence.__module__)", str(tmp_path))
    line = f"the compiled kernels here are for {OTHER}, and this machine is {elf.own_machine()}"
    assert done.stdout == f"twins | {line} | edgepose.native.twin_presence\n", done.stderr
    assert done.stderr.count(line) == 1 and "install the wheel for it" in done.stderr


@pytest.mark.parametrize("version", ["(3, 14, 0)", "(3, 9, 2)"])
def test_wrong_python_is_told_in_one_line_before_anything_else(version):
    done = call(f"import sys; sys.version_info = {version}; sys.modules['numpy'] = None\n"
                "from edgepose import cli; sys.exit(cli.main(['run', 'nowhere.mp4']))")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "runs on Python 3.10 to 3.13, and this is 3." in done.stderr


def test_wrong_python_is_an_import_error_for_whoever_imports():
    done = call("import sys; sys.version_info = (3, 14, 0)\nfrom edgepose import PoseEstimator")
    assert done.stderr.splitlines()[-1].startswith("ImportError: edgepose ") and "this is 3.14" in done.stderr


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py", "errors.py", "cli/__init__.py"])
def test_what_says_so_can_be_read_by_old_pythons(name):
    tree = ast.parse((ROOT / "edgepose" / name).read_text(), feature_version=(3, 7))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= {"argparse", "edgepose", "importlib", "sys"}


def test_every_place_that_names_the_pythons_names_the_same():
    runtimes = load("runtimes")
    assert f"python_requires = {runtimes.SUPPORTED}\n" in (ROOT / "setup.cfg").read_text()
    assert [version for version in range(8, 16) if runtimes.index.admits(runtimes.SUPPORTED, f"3.{version}")] == [
        10, 11, 12, 13]
    assert edgepose.WRONG_PYTHON == ""
