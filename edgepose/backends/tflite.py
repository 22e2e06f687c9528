"""TensorFlow Lite: `ai-edge-litert` where it has a wheel, else its predecessor `tflite-runtime`."""

import importlib
import importlib.metadata
import os
import sys
from contextlib import contextmanager

import numpy as np

from edgepose.backends import agreement
from edgepose.errors import BackendError, BackendUnavailable, ConfigError, first_line
from edgepose.model import Output

#: (module, package) in the order in which they are tried.
PACKAGES = (("ai_edge_litert.interpreter", "ai-edge-litert"), ("tflite_runtime.interpreter", "tflite-runtime"))


class TfliteBackend:
    """Runs a model's `.tflite` file with XNNPACK on the CPU.

    Parameters
    ----------
    threads : int, threads of the runtime

    Attributes
    ----------
    outputs : int8 arrays in the order of the manifest's outputs, the same arrays for ever
    package : str, the package that was chosen and its version
    format : str, of the model's files, the one that it runs
    """

    name = format = "tflite"

    def __init__(self, threads=1):
        if threads < 1:
            raise ConfigError(f"threads must be 1 or more, got {threads}")
        self.threads = threads
        self._interpreter_class, self.package = find_interpreter()
        self._interpreter, self.outputs = None, ()

    def open(self, model, ring):
        """Load and check the model; allocates everything that `infer` uses.

        Raises
        ------
        ModelError : the file is damaged, or its tensors are not what the manifest says
        BackendError : the runtime refuses the file
        """
        path = model.file("tflite")
        try:
            with quiet():
                self._interpreter = self._interpreter_class(model_path=str(path), num_threads=self.threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, SystemError) as error:
            raise BackendError(f"{self.package} cannot load {path}: {first_line(error)}") from error
        tensors = self._check(model, path)
        self._views = [self._interpreter.tensor(tensor["index"]) for tensor in tensors]
        self.outputs = tuple(np.zeros(output.shape, np.int8) for output in model.outputs.values())
        self._input = self._interpreter.tensor(self._interpreter.get_input_details()[0]["index"])

    def infer(self, slot):
        """Run the network on `slot.tensor`; `outputs` hold the result until the next call."""
        np.copyto(self._input()[0], slot.tensor)
        self._interpreter.invoke()
        for output, view in zip(self.outputs, self._views):
            np.copyto(output, view()[0])

    def close(self):
        """Free the runtime's memory. Closing twice is fine."""
        self._interpreter = self._input = None
        self._views = []

    def _check(self, model, path):
        """The file's output tensors in the manifest's order, after comparing both."""
        taken = self._interpreter.get_input_details()[0]
        found = {tensor["name"]: tensor for tensor in self._interpreter.get_output_details()}
        agreement.check(path, model, taken["name"], _describe(taken),
                        {name: _describe(tensor) for name, tensor in found.items()})
        return [found[name] for name in model.outputs]

    def __repr__(self):
        return f"<TfliteBackend {self.package}, {self.threads} threads, {'open' if self._interpreter else 'closed'}>"


def find_interpreter():
    """(Interpreter class, "package version"); BackendUnavailable names what to install."""
    reasons = []
    for module, package in PACKAGES:
        try:
            interpreter = importlib.import_module(module).Interpreter
            return interpreter, f"{package} {importlib.metadata.version(package)}"
        except (ImportError, AttributeError, importlib.metadata.PackageNotFoundError) as error:
            reasons.append(f"{package}: {first_line(error)}")
    raise BackendUnavailable(f"backend tflite has no runtime ({'; '.join(reasons)}); pip install ai-edge-litert")


def _describe(tensor):
    """What the interpreter says of a tensor, as the manifest would."""
    scale, zero_point = tensor["quantization"]
    return Output(tuple(int(side) for side in tensor["shape"]), np.dtype(tensor["dtype"]).name, scale, zero_point)


@contextmanager
def quiet():
    """Keep the runtime's start-up notes, which it writes past Python, off standard error."""
    sys.stderr.flush()
    kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)
