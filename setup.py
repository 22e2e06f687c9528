"""Builds the one extension, for the machine at hand or, cross-compiled, another one (ports/build/wheel.py); everything
else about the package stands in setup.cfg."""

import configparser
import struct
import sys
import sysconfig
from glob import glob

from setuptools import Extension, setup

# Buffers joined the limited API in 3.11, so its headers are needed to build; what they name is there in 3.10 too
# (docs/wheels.md), so one wheel serves every version. Built by 3.10, it serves 3.10 alone.
STABLE = sys.version_info >= (3, 11)
MACHINE = sysconfig.get_platform().rpartition("-")[2]
ARM32 = MACHINE in ("armv7l", "armv8l") or (MACHINE == "aarch64" and struct.calcsize("P") == 4)
NEON = ["-march=armv7-a+neon", "-mfloat-abi=hard"]  # every board we serve has it; 64-bit ARM cannot be without


def requirements():
    """None, which leaves it to setup.cfg; for 32-bit ARM its lines without the markers that name a machine.

    There a marker cannot tell: under a 64-bit kernel, Raspberry Pi OS's own choice, a 32-bit Python calls its machine
    "aarch64".
    """
    if not ARM32:
        return None
    config = configparser.ConfigParser()
    config.read("setup.cfg")
    lines = config["options"]["install_requires"].strip().splitlines()
    return [line.partition("; platform_machine ")[0] for line in lines
            if "platform_machine" not in line or '== "armv7l"' in line]


kernels = Extension(
    "edgepose.native._kernels",
    sources=sorted(glob("edgepose/native/*.c")),
    depends=sorted(glob("edgepose/native/*.h")),
    define_macros=[("Py_LIMITED_API", "0x030B0000")] if STABLE else [],
    extra_compile_args=["-O3", "-std=gnu11", "-fwrapv"] + (NEON if ARM32 else []),
    py_limited_api=STABLE,
    optional=True,  # without a compiler the NumPy twins serve; `edgepose doctor` says so
)

setup(ext_modules=[kernels], install_requires=requirements(),
      options={"bdist_wheel": {"py_limited_api": "cp310"}} if STABLE else {})
