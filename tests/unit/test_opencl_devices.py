"""Choosing an OpenCL device, and what is said where there is none: with a stand-in for pyopencl's edge."""

from types import SimpleNamespace

import pytest

from edgepose import backends
from edgepose.backends import remembered
from edgepose.backends.opencl import devices
from edgepose.errors import BackendUnavailable, ConfigError


class Error(Exception):
    pass


TYPES = SimpleNamespace(CPU=2, GPU=4, ACCELERATOR=8)


def package(*platforms):
    """A pyopencl that sees (platform name, [(device name, type), ...])."""
    def get_platforms():
        if not platforms:
            raise Error("PLATFORM_NOT_FOUND_KHR")
        return [platform(*about) for about in platforms]

    return SimpleNamespace(get_platforms=get_platforms, Error=Error, device_type=TYPES)


def platform(name, found):
    made = SimpleNamespace(name=name)
    made.get_devices = lambda: [SimpleNamespace(name=device, type=kind, platform=made) for device, kind in found]
    return made


@pytest.fixture
def board():
    return package(("Portable Computing Language", [("cortex-a76", TYPES.CPU)]),
                   ("rusticl", [("Mali-G610", TYPES.GPU), ("V3D 7.1", TYPES.GPU)]),
                   ("maker", [("npu", TYPES.ACCELERATOR)]))


@pytest.mark.parametrize(("wanted", "name"), [
    (None, "Mali-G610"), ("auto", "Mali-G610"), ("gpu", "Mali-G610"), ("CPU", "cortex-a76"), ("accelerator", "npu"),
    ("0", "cortex-a76"), (2, "V3D 7.1"), ("v3d", "V3D 7.1"), ("portable", "cortex-a76")])
def test_device_is_found(board, wanted, name):
    assert devices.choose(board, devices.find_devices(board), wanted).name == name


@pytest.mark.parametrize("wanted", ["4", "adreno", ""])
def test_device_that_is_not_here_lists_those_that_are(board, wanted):
    with pytest.raises(ConfigError, match=r"0: cortex-a76 of Portable .* \(CPU\); 1: Mali-G610 of rusticl \(GPU\)"):
        devices.choose(board, devices.find_devices(board), wanted)


def test_no_driver_says_which_package():
    with pytest.raises(BackendUnavailable, match="no OpenCL driver is installed: apt install pocl-opencl-icd"):
        devices.find_devices(package())


def test_silent_rusticl_says_how_to_wake_it(monkeypatch):
    monkeypatch.delenv("RUSTICL_ENABLE", raising=False)
    with pytest.raises(BackendUnavailable, match="set RUSTICL_ENABLE=panfrost, v3d or llvmpipe"):
        devices.find_devices(package(("rusticl", [])))


def test_driver_without_a_device_is_named(monkeypatch):
    monkeypatch.setenv("RUSTICL_ENABLE", "v3d")
    with pytest.raises(BackendUnavailable, match=r"drivers \(rusticl\) show no device"):
        devices.find_devices(package(("rusticl", [])))


def test_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyopencl", None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'edgepose\[opencl\]'"):
        backends.create("opencl")


def test_threads_confine_a_cpu_only(board):
    class Cpu:
        type, max_compute_units, partition_properties = TYPES.CPU, 4, ["equally", "by counts"]

        def create_sub_devices(self, how):
            return [how]

    board.device_partition_property = SimpleNamespace(BY_COUNTS="by counts")
    cpu, gpu = Cpu(), devices.choose(board, devices.find_devices(board), "gpu")
    assert devices.confine(board, cpu, 2) == ["by counts", 2]
    assert devices.confine(board, cpu, 4) is cpu and devices.confine(board, gpu, 1) is gpu


def test_automatic_choice_comes_to_opencl_last():
    assert backends.AUTOMATIC[-1] == "opencl"


def test_drivers_are_what_the_loader_is_told_of(monkeypatch, tmp_path):
    monkeypatch.setenv("OCL_ICD_VENDORS", str(tmp_path))
    assert backends.drivers("opencl") == ""
    (tmp_path / "b.icd").write_text("libmali.so\n")
    (tmp_path / "a.icd").write_text("libpocl.so.2.9.0\n")
    (tmp_path / "README").write_text("no driver")
    assert backends.drivers("opencl") == "libmali.so, libpocl.so.2.9.0" and backends.drivers("tflite") == ""
    monkeypatch.setenv("OCL_ICD_VENDORS", str(tmp_path / "none"))
    assert backends.drivers("opencl") == ""


def test_choice_no_longer_holds_when_a_driver_comes(monkeypatch, tmp_path, lightning):
    monkeypatch.setenv("OCL_ICD_VENDORS", str(tmp_path))
    kept = remembered.Choice(remembered.describe(lightning, ["tflite", "opencl"], {}), {"tflite": 1.0}, {}, "today")
    assert kept.holds()
    (tmp_path / "gpu.icd").write_text("libmali.so\n")
    assert not kept.holds()


def test_cpu_that_cannot_be_divided_is_not_asked_to(board):
    board.device_partition_property = SimpleNamespace(BY_COUNTS="by counts")
    whole = SimpleNamespace(type=TYPES.CPU, max_compute_units=4, partition_properties=[0])
    assert devices.confine(board, whole, 1) is whole
