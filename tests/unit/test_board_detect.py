"""Which board this is, told from recorded trees."""

import platform
import sys

import pytest

from edgepose import board
from edgepose.board import detection
from tests.board_trees import lay_out_text
from tests.boards import made

PI = """\
proc/device-tree/model: Raspberry Pi 5 Model B Rev 1.0
proc/device-tree/compatible: raspberrypi,5-model-b
proc/device-tree/compatible: brcm,bcm2712
proc/sys/kernel/arch: aarch64
"""


GENERIC, NARROW = made("aarch64"), made("armv7", ("armv7l",))


def found(tmp_path, text, *boards):
    return detection.find([GENERIC, NARROW, *boards], lay_out_text(text, tmp_path))


@pytest.mark.parametrize("profile", [
    made("pi", model=("Raspberry Pi 5 *",)), made("pi", compatible=("raspberrypi,5-model-b",)),
    made("pi", model=("Raspberry Pi 400*",), compatible=("brcm,bcm2712",))])
def test_board_is_known_by_its_model_or_what_it_is_compatible_with(tmp_path, profile):
    assert found(tmp_path, PI, profile) is profile


@pytest.mark.parametrize("profile", [
    made("pi", ("armv7l",), ("Raspberry Pi 5 *",)), made("pi", model=("Raspberry Pi 5",)),
    made("pi", compatible=("raspberrypi,5-model",)), made("pi", model=("raspberry pi 5 *",))])
def test_board_that_nothing_names_is_generic(tmp_path, profile):
    assert found(tmp_path, PI, profile) is GENERIC


def test_longest_pattern_wins(tmp_path):
    every, one = made("every", model=("Raspberry*",)), made("one", model=("Raspberry Pi 5 *",))
    assert found(tmp_path, PI, every, one) is one


def test_first_entry_of_the_device_tree_wins(tmp_path):
    chip, exact = made("chip", compatible=("brcm,bcm2712",)), made("exact", compatible=("raspberrypi,5-model-b",))
    assert found(tmp_path, PI, chip, exact) is exact


def test_32_bit_user_space_is_what_counts(tmp_path):
    narrow = made("narrow", ("armv7l",), ("Raspberry Pi 5 *",))
    assert found(tmp_path, PI + "edgepose/userland: armv7l\n", made("wide", model=("Raspberry*",)), narrow) is narrow


@pytest.mark.parametrize("kernel, bits, machine", [
    ("aarch64", 64, "aarch64"), ("aarch64", 32, "armv7l"), ("armv8l", 32, "armv7l"), ("armv8l", 64, "aarch64"),
    ("armv7l", 32, "armv7l"),
    ("armv6l", 32, "armv6l"), ("x86_64", 64, "x86_64"), ("x86_64", 32, "i686"), ("riscv64", 64, "riscv64")])
def test_architecture_is_that_of_user_space(monkeypatch, kernel, bits, machine):
    monkeypatch.setattr(platform, "machine", lambda: kernel)
    monkeypatch.setattr(sys, "maxsize", (1 << bits - 1) - 1)
    assert board.machine_of() == machine


@pytest.mark.parametrize("arch, name", [("x86_64", "x86-64"), ("aarch64", "aarch64"), ("armv7l", "armv7")])
def test_unknown_board_falls_to_the_generic_profile_and_says_so(tmp_path, arch, name):
    text = f"proc/device-tree/model: Nobody's Board\nproc/sys/kernel/arch: {arch}\n"
    here = board.detect(lay_out_text(text, tmp_path))
    assert here.name == name and here.generic


@pytest.mark.parametrize("text, machine", [("proc/sys/kernel/arch: riscv64\n", "riscv64"), ("", "unknown")])
def test_unknown_architecture_has_a_board_too(tmp_path, text, machine):
    here = board.detect(lay_out_text(text, tmp_path))
    assert (here.name, here.title) == ("unknown", f"unknown board ({machine})") and here.generic
    assert here.cores.threads == 1 and here.defaults.backend == "auto"


def test_this_machine_is_a_board():
    assert board.machine_of() in (*board.detect().detect.machine,)


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\n", b"\xff\xfe\0"], ids=["empty", "zero", "zeros", "not text"])
def test_odd_device_tree_is_no_fault(tmp_path, data):
    lay_out_text(PI, tmp_path)
    for name in ("model", "compatible"):
        (tmp_path / "proc/device-tree" / name).write_bytes(data)
    assert board.detect(tmp_path).name == "aarch64"


def test_model_is_the_firmwares_word(tmp_path):
    assert board.model_of(lay_out_text(PI, tmp_path)) == "Raspberry Pi 5 Model B Rev 1.0"
    assert board.model_of(tmp_path / "elsewhere") is None
