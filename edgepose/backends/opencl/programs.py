"""Builds the programs that a plan needs, each once, out of the `.cl` files beside this one."""

import warnings
from pathlib import Path

from edgepose.backends.opencl.binaries import Binaries
from edgepose.backends.opencl.lower import NUMBERS
from edgepose.backends.signals import own_signals
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
        self._binaries = Binaries(cl, context)

    def kernel(self, work):
        """A new cl.Kernel for a Work. BackendError with the driver's log where it does not build."""
        key = work.shape.program
        if key not in self._built:
            self._built[key] = self._build(work.shape)
        return self._cl.Kernel(self._built[key], work.kernel)

    def _build(self, shape):
        return self.build(source(shape), "3.0" if shape.inner == "dots" else "1.2", shape.inner or "layers")

    def build(self, text, version, what):
        """The kept cl.Program of a text, or one that is compiled and then kept.

        Parameters
        ----------
        text : str, OpenCL C
        version : str, of the language
        what : str, for the error

        Raises
        ------
        BackendError : says what does not build, with the driver's log
        """
        options = [f"-cl-std=CL{version}", "-w"]
        with warnings.catch_warnings(), own_signals():
            warnings.simplefilter("ignore")  # a compiler's remarks
            return self._binaries.recall(text, options) or self._compile(text, options, what)

    def _compile(self, text, options, what):
        program = self._cl.Program(self._context, text)
        try:
            program.get_info(self._cl.program_info.NUM_DEVICES)  # asked before it builds, pyopencl keeps no copy
            program.build(options)
        except self._cl.Error as error:
            device = self._context.devices[0].name.strip()
            raise BackendError(f"the driver of {device} cannot build {what}: {_log(error)}") from error
        self._binaries.keep(program, text, options)
        return program


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
