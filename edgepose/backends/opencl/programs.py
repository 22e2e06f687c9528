"""Builds the programs that a plan needs, each once, out of the `.cl` files beside this one."""

import warnings
from pathlib import Path

from edgepose.backends.opencl.lower import NUMBERS
from edgepose.errors import BackendError

FOLDER = Path(__file__).resolve().parent / "kernels"
EXACT_PRODUCTS = 1024  # of int8 by int8 that a float32 sums without a rounding
LOG_LINES = 6


class Programs:
    """Programs for one context; each is built when it is first asked for.

    Parameters
    ----------
    cl : the module pyopencl
    context : cl.Context of one device
    """

    def __init__(self, cl, context):
        self._cl, self._context, self._built = cl, context, {}

    def kernel(self, work):
        """A new cl.Kernel for a Work. BackendError with the driver's log where it does not build."""
        key = work.shape.program
        if key not in self._built:
            self._built[key] = self._build(work.shape)
        return self._cl.Kernel(self._built[key], work.kernel)

    def _build(self, shape):
        options = ["-cl-std=CL3.0"] if shape.inner == "dots" else ["-cl-std=CL1.2"]
        return self.build(source(shape), options, shape.inner or "layers")

    def build(self, text, options, what):
        """The cl.Program of a text. BackendError, which says what does not build, with the driver's log."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a compiler's remarks
            try:
                return self._cl.Program(self._context, text).build(options=options)
            except self._cl.Error as error:
                device = self._context.devices[0].name.strip()
                raise BackendError(f"the driver of {device} cannot build {what}: {_log(error)}") from error


def source(shape):
    """The text of the program for a Shape."""
    names = "".join(f"#define {name} {place}\n" for place, name in enumerate((*NUMBERS, "N_NUMBERS")))
    sizes = {"BLOCK": shape.block, "DEPTH": shape.depth, "TILE": shape.tile, "EXACT_PRODUCTS": EXACT_PRODUCTS}
    names += "".join(f"#define {name} {size}\n" for name, size in sizes.items())
    files = ("common", shape.inner, "convolution") if shape.inner else ("common", "layers")
    return names + "".join((FOLDER / f"{file}.cl").read_text() for file in files)


def _log(error):
    """What a compiler said, its errors first, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    faults = [line for line in lines if "error" in line.lower()]
    return " | ".join((faults or lines or [type(error).__name__])[:LOG_LINES])
