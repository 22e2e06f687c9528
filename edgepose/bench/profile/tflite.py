"""LiteRT's own profiler, which its C library has and its Python package does not hand out.

Source: LiteRT's headers litert/c/litert_profiler.h, litert_compiled_model.h, litert_tensor_buffer.h and
litert_opaque_options.h. The library prints its profile as a table of operations in the order of running; XNNPACK's are
those that begin with "Delegate".
"""

import ctypes
import importlib.util
import os
import re

from edgepose.backends.tflite import quiet
from edgepose.errors import BackendError, BackendUnavailable

_LIBRARY = "libLiteRt.so"
_CPU, _WRITE = 1, 1  # kLiteRtHwAcceleratorCpu, kLiteRtTensorBufferLockModeWrite
_TYPE_BYTES = 512  # more than a LiteRtRankedTensorType takes
#: A row: kind, start, first, average ms, shares, memory, how often, name.
_ROW = re.compile(r"^\s*(\S.*?)\s{2,}[\d.]+\s+[\d.]+\s+([\d.]+)\s+[\d.]+%\s+[\d.]+%\s+[\d.]+\s+(\d+)\s+(\S.*?)\s*$")


def profile(cell, model, slots, n_frames):
    """See `profile.PROFILERS`; means over the frames, which is what the library gives."""
    library = _Library()
    with quiet():
        network = _Network(library, str(model.file("tflite")), cell.threads)
        for n in range(n_frames // 4):
            network.run(slots[n % len(slots)].tensor)
        network.start()
        for n in range(n_frames):
            network.run(slots[n % len(slots)].tensor)
        text = network.summary()
    return read_summary(text)


def read_summary(text):
    """[{"name", "type", "ns"}, ...] of the first table in the library's summary. BackendError where there is none."""
    table = text.partition("Run Order")[2].partition("Top by Computation Time")[0]
    rows = [match for line in table.splitlines() if (match := _ROW.match(line))]
    if not rows:
        raise BackendError("LiteRT's profiler gave no table of operations")
    return [{"type": kind.removeprefix("Delegate/"), "name": name, "ns": round(float(ms) * 1e6)}
            for kind, ms, _, name in (row.groups() for row in rows)]


class _Library:
    """LiteRT's C library; every call is checked. BackendUnavailable where the package has none."""

    def __init__(self):
        found = importlib.util.find_spec("ai_edge_litert")
        path = os.path.join(os.path.dirname(found.origin), _LIBRARY) if found and found.origin else _LIBRARY
        try:
            self._library = ctypes.CDLL(path)
            _ = self._library.LiteRtCompiledModelGetProfiler
        except (OSError, AttributeError) as error:
            raise BackendUnavailable(f"--profile: this TFLite package has no profiler ({error});"
                                     " pip install 'ai-edge-litert>=2.3'") from error

    def call(self, name, *arguments):
        """Call a function that returns a status. BackendError."""
        status = getattr(self._library, name)(*arguments)
        if status:
            raise BackendError(f"LiteRT: {name} failed with status {status}")

    def make(self, name, *arguments):
        """The handle that a function writes to its last argument. BackendError."""
        handle = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle


class _Network:
    """A compiled model with its profiler, for as long as the process lives."""

    def __init__(self, library, path, threads):
        self._library, make = library, library.make
        self._environment = make("LiteRtCreateEnvironment", 0, None)
        self._model = make("LiteRtCreateModelFromFile", self._environment, path.encode())
        options = make("LiteRtCreateOptions")
        library.call("LiteRtSetOptionsHardwareAccelerators", options, _CPU)
        for name, text in (("runtime_options_string", "enable_profiling = true\n"),
                           ("xnnpack", f"num_threads = {threads}\n")):
            library.call("LiteRtAddOpaqueOptions", options, _text_option(library, name, text))
        self._compiled = make("LiteRtCreateCompiledModel", self._environment, self._model, options)
        self._profiler = make("LiteRtCompiledModelGetProfiler", self._compiled)
        graph = make("LiteRtGetModelSubgraph", self._model, ctypes.c_size_t(0))
        self._inputs, self._outputs = (self._buffers(graph, kind) for kind in ("Input", "Output"))

    def _buffers(self, graph, kind):
        """An array of a tensor buffer for each input or output."""
        library, n, buffers = self._library, ctypes.c_size_t(), []
        library.call(f"LiteRtGetNumSubgraph{kind}s", graph, ctypes.byref(n))
        for place in map(ctypes.c_size_t, range(n.value)):
            tensor = library.make(f"LiteRtGetSubgraph{kind}", graph, place)
            described = (ctypes.c_ubyte * _TYPE_BYTES)()
            library.call("LiteRtGetRankedTensorType", tensor, described)
            needs = library.make(f"LiteRtGetCompiledModel{kind}BufferRequirements", self._compiled, ctypes.c_size_t(0),
                                 place)
            buffers.append(library.make("LiteRtCreateManagedTensorBufferFromRequirements", self._environment, described,
                                        needs).value)
        return (ctypes.c_void_p * len(buffers))(*buffers)

    def run(self, image):
        """Run the network on uint8 (height, width, 3)."""
        buffer = ctypes.c_void_p(self._inputs[0])
        memory = ctypes.c_void_p()
        self._library.call("LiteRtLockTensorBuffer", buffer, ctypes.byref(memory), _WRITE)
        ctypes.memmove(memory, image.ctypes.data, image.nbytes)
        self._library.call("LiteRtUnlockTensorBuffer", buffer)
        self._library.call("LiteRtRunCompiledModel", self._compiled, ctypes.c_size_t(0),
                           ctypes.c_size_t(len(self._inputs)), self._inputs, ctypes.c_size_t(len(self._outputs)),
                           self._outputs)

    def start(self):
        """Count from now on."""
        self._library.call("LiteRtStartProfiler", self._profiler)

    def summary(self):
        """The library's own table of all that was counted."""
        self._library.call("LiteRtStopProfiler", self._profiler)
        text = ctypes.c_char_p()
        self._library.call("LiteRtGetProfileSummary", self._profiler, self._compiled, ctypes.byref(text))
        return text.value.decode("utf-8", "replace")


def _text_option(library, name, text):
    """An option whose value is text; the library frees the copy that it is given."""
    c = ctypes.CDLL(None)
    c.strdup.restype = ctypes.c_void_p
    return library.make("LiteRtCreateOpaqueOptions", name.encode(), ctypes.c_void_p(c.strdup(text.encode())),
                        ctypes.cast(c.free, ctypes.c_void_p))
