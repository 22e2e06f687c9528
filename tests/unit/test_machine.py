"""What a machine says of itself, from files as kernels write them."""

import pytest

from edgepose import machine
from edgepose.board import model_of

X86 = ("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu sse avx2 {}\n\n"
       "processor\t: 1\nmodel name\t: Other\n")


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "model_of", lambda: model_of(tmp_path))
    monkeypatch.setattr(machine, "CPU", tmp_path / "cpuinfo")
    monkeypatch.setattr(machine.platform, "machine", lambda: "x86_64")
    return tmp_path


def test_board_has_the_name_that_its_firmware_gives(files):
    (files / "proc/device-tree").mkdir(parents=True)
    (files / "proc/device-tree/model").write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    assert machine.name() == "Raspberry Pi 5 Model B Rev 1.0"


def test_pc_has_the_name_of_its_cpu(files):
    (files / "cpuinfo").write_text(X86.format(""))
    assert machine.name() == "Some CPU @ 2 GHz"


def test_machine_that_says_nothing_has_a_name_all_the_same(files):
    assert machine.name()


@pytest.mark.parametrize("flags, exact", [("", False), ("avx512_vnni", True), ("avx_vnni", True), ("xavx_vnni", False)])
def test_int8_dot_products_are_read_from_the_flags(files, flags, exact):
    (files / "cpuinfo").write_text(X86.format(flags))
    assert machine.has_int8_dot_products() is exact


def test_arm_has_exact_int8_sums(files, monkeypatch):
    monkeypatch.setattr(machine.platform, "machine", lambda: "aarch64")
    assert machine.has_int8_dot_products()


def test_usable_cores_are_at_least_one():
    assert machine.n_usable_cores() >= 1
