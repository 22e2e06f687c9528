"""The OpenCL backend: `backend` opens and runs; `reader` -> `plan` -> `lower` -> `executor` is the way of a model."""

from edgepose.backends.opencl.backend import OpenclBackend
from edgepose.backends.opencl.devices import registered_drivers

#: (module, package), as `backends.tflite` has them.
PACKAGES = (("pyopencl", "pyopencl"),)

__all__ = ["PACKAGES", "OpenclBackend", "registered_drivers"]
