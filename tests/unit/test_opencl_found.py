"""What doctor says of OpenCL's platforms and devices: with a stand-in for pyopencl's edge."""

from types import SimpleNamespace

import pytest

from edgepose.backends.opencl import devices
from edgepose.doctor import opencl

POCL = "Portable Computing Language"
TYPES = SimpleNamespace(CPU=2, GPU=4, ACCELERATOR=8)


class Error(Exception):
    pass


class Program:
    def __init__(self, context, text):
        self._log = context.devices[0].log

    def build(self, options):
        if self._log:
            raise Error(self._log)


def board(*platforms):
    """A pyopencl that sees (platform name, [log with which a device builds nothing, or ""])."""
    made = [SimpleNamespace(name=name, version="OpenCL 3.0") for name, _ in platforms]
    for platform, (_, logs) in zip(made, platforms):
        platform.get_devices = lambda platform=platform, logs=logs: [device(platform, log) for log in logs]
    return SimpleNamespace(get_platforms=lambda: made, Error=Error, device_type=TYPES, VERSION_TEXT="2026.1.4",
                           Program=Program, Context=lambda found: SimpleNamespace(devices=found))


def device(platform, log):
    return SimpleNamespace(name=" Mali-G610 ", platform=platform, type=TYPES.GPU, version="OpenCL 3.0", log=log,
                           max_compute_units=4, driver_version="25.0.7", global_mem_size=2 << 30,
                           extensions="cl_khr_fp16 cl_khr_integer_dot_product cl_khr_subgroup_shuffle")


@pytest.fixture
def examine(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("RUSTICL_ENABLE", raising=False)
    monkeypatch.setattr(devices, "package", lambda device: "a device")

    def examine(*platforms):
        monkeypatch.setattr(devices, "find_package", lambda: board(*platforms))
        return opencl.examine()

    return examine


def test_device_is_described(examine):
    found = examine(("rusticl", [""]))
    assert found["text"] == "pyopencl 2026.1.4, 1 device"
    first, second = opencl.rows(found["devices"][0])
    assert first == "0: Mali-G610 of rusticl (GPU), OpenCL 3.0, driver 25.0.7, 4 compute units, 2.0 GiB"
    assert second.strip() == "extensions: fp16, integer dot product, sub-groups; not tuned: edgepose doctor --tune"


def test_compiler_that_does_not_know_the_cpu_is_found_out(examine):
    found = examine(("rusticl", [""]), (POCL, ["clBuildProgram failed\nerror: unknown target CPU 'generic'"]))
    assert found["status"] == "warn"
    assert "device 1: its compiler is older than this CPU: pip uninstall pocl-binary-distribution" in found["advice"]
    assert list(opencl.rows(found["devices"][1]))[-1].endswith("error: unknown target CPU 'generic'")


def test_other_device_that_builds_nothing_is_named(examine):
    found = examine(("maker", ["lost"]))
    assert found["status"] == "warn" and "device 0: mend or remove that driver" in found["advice"]


def test_silent_rusticl_beside_another_driver_says_how_to_wake_it(examine, monkeypatch):
    both = ("rusticl", []), (POCL, [""])
    found = examine(*both)
    assert found["status"] == "warn" and "set RUSTICL_ENABLE=panfrost" in found["advice"] and len(found["devices"]) == 1
    monkeypatch.setenv("RUSTICL_ENABLE", "v3d")
    assert examine(*both)["status"] == "ok"


def test_no_device_at_all_is_no_failure(examine):
    found = examine(("rusticl", []))
    assert found["status"] == "warn" and "set RUSTICL_ENABLE" in found["text"]


def test_reader_that_is_missing_says_what_to_install(examine, monkeypatch):
    monkeypatch.setattr(opencl, "_reads_models", lambda: False)
    found = examine((POCL, [""]))
    assert found["status"] == "warn" and "pip install 'edgepose[opencl]'" in found["advice"]
