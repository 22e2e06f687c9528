"""How wheels are built and looked into: the target's sizes, what belongs in a wheel, what 32-bit ARM asks for."""

import configparser
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from packaging.requirements import Requirement

from tests.build_scripts import FOLDER, load
from tests.conftest import ROOT

inspection = load("inspection")
COMPILERS = {"x86_64": "x86_64-linux-gnu-gcc", "aarch64": "aarch64-linux-gnu-gcc", "armv7l": "arm-linux-gnueabihf-gcc"}
SIZES = {"SHORT": "short", "INT": "int", "LONG": "long", "LONG_LONG": "long long", "SIZE_T": "size_t",
         "VOID_P": "void *", "WCHAR_T": "wchar_t", "PID_T": "pid_t"}
HEADERS = {"x86_64": (2, 62), "aarch64": (2, 183), "armv7l": (1, 40)}


def elf_header(machine):
    bits, number = HEADERS[machine]
    return b"\x7fELF" + bytes((bits, 1, 1)) + bytes(11) + number.to_bytes(2, "little")


def make_wheel(folder, **files):
    path = folder / "edgepose-1-cp310-abi3-manylinux_2_17_aarch64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("machine", COMPILERS)
def test_sizes_for_the_headers_are_those_of_the_compiler(machine):
    compiler = shutil.which(COMPILERS[machine]) or pytest.skip(f"no {COMPILERS[machine]} here")
    claims = "".join(f"_Static_assert(SIZEOF_{name} == sizeof({kind}), \"{name}\");\n" for name, kind in SIZES.items())
    source = f"#include <stddef.h>\n#include <sys/types.h>\n{claims}"
    done = subprocess.run([compiler, "-include", FOLDER / "pyconfig.h", "-fsyntax-only", "-x", "c", "-"], input=source,
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_kernels_of_another_machine_are_found_by_their_elf_header(tmp_path):
    wheel = make_wheel(tmp_path, **{inspection.KERNELS: elf_header("x86_64")})
    assert list(inspection.compiled(wheel, "x86_64")) == []
    assert list(inspection.compiled(wheel, "aarch64")) == [f"{inspection.KERNELS} is for x86_64"]


def test_second_library_in_a_wheel_is_found(tmp_path):
    wheel = make_wheel(tmp_path, **{inspection.KERNELS: elf_header("aarch64"), "edgepose/x.so": elf_header("aarch64")})
    assert list(inspection.compiled(wheel, "aarch64")) == ["edgepose/x.so is for aarch64"]


def test_wheel_whose_kernels_did_not_compile_is_found(tmp_path):
    wheel = make_wheel(tmp_path, **{"edgepose/__init__.py": b""})
    assert list(inspection.compiled(wheel, "aarch64")) == [f"{inspection.KERNELS} is missing: it did not compile"]


@pytest.mark.parametrize("name", ["tests/unit/test_x.py", "edgepose/native/module.c", "edgepose/models/build/build.py"])
def test_what_does_not_belong_in_a_wheel_is_found(tmp_path, name):
    assert list(inspection.foreign(make_wheel(tmp_path, **{name: b""}))) == [f"{name} does not belong there"]


def test_empty_wheel_lacks_every_module_model_and_licence(tmp_path):
    findings = list(inspection.missing(make_wheel(tmp_path, empty=b"")))
    assert "edgepose/daemon/rules/kinds/line.py is missing" in findings  # a package that setup.cfg does not name, say
    assert "edgepose/models/movenet-thunder/movenet-thunder.tflite is missing" in findings
    assert "LICENSE is missing" in findings


def test_build_without_the_compiler_names_its_package(tmp_path):
    done = subprocess.run([sys.executable, FOLDER / "wheel.py", "armv7l", "--out", tmp_path], capture_output=True,
                          text=True, env={**os.environ, "PATH": str(tmp_path)})
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert sys.version_info < (3, 11) or "apt install gcc-arm-linux-gnueabihf" in done.stderr


@pytest.mark.parametrize("machine", ["linux-armv7l", "linux-armv8l"])
def test_wheel_for_32_bit_arm_asks_for_its_packages_whatever_the_kernel_calls_the_machine(tmp_path, machine):
    pytest.importorskip("setuptools", reason="a new Python's environment has none; pip brings its own to build")
    subprocess.run([sys.executable, "setup.py", "--quiet", "egg_info", "--egg-base", tmp_path], cwd=ROOT, check=True,
                   env={**os.environ, "_PYTHON_HOST_PLATFORM": machine}, capture_output=True)
    asked = (tmp_path / "edgepose.egg-info" / "requires.txt").read_text().partition("[test]")[0]
    assert {"numpy<2", "tflite-runtime>=2.13", "pillow>=9.4", "av>=10"} <= set(asked.split())
    assert "ai-edge-litert" not in asked and "platform_machine" not in asked


@pytest.mark.parametrize("machine, runtime", [("armv7l", "tflite-runtime"), ("armv8l", "tflite-runtime"),
                                              ("aarch64", "ai-edge-litert"), ("x86_64", "ai-edge-litert")])
def test_every_machine_gets_one_runtime_and_one_numpy(machine, runtime):
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    asked = map(Requirement, config["options"]["install_requires"].strip().splitlines())
    names = [one.name for one in asked if not one.marker or one.marker.evaluate({"platform_machine": machine})]
    assert {"ai-edge-litert", "tflite-runtime"} & set(names) == {runtime}
    assert (names.count("pillow"), names.count("av")) == (1, 1)
