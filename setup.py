"""Builds the one extension; everything else about the package stands in setup.cfg."""

import sys
from glob import glob

from setuptools import Extension, setup

# Buffers joined the stable ABI in 3.11: from there on one wheel serves every version; 3.10 gets its own.
STABLE = sys.version_info >= (3, 11)

kernels = Extension(
    "edgepose.native._kernels",
    sources=sorted(glob("edgepose/native/*.c")),
    depends=["edgepose/native/kernels.h"],
    define_macros=[("Py_LIMITED_API", "0x030B0000")] if STABLE else [],
    extra_compile_args=["-O3", "-std=gnu11", "-fwrapv"],
    py_limited_api=STABLE,
    optional=True,  # without a compiler the NumPy twins serve; `edgepose doctor` says so
)

setup(ext_modules=[kernels], options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE else {})
