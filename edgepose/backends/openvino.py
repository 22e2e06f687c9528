"""OpenVINO: a model's `.tflite`, or its IR where the manifest offers one, on the CPU or on an Intel GPU."""

import importlib
import importlib.metadata
from weakref import WeakKeyDictionary

import numpy as np

from edgepose.backends.openvino_kept import KeptNetworks
from edgepose.backends.signals import own_signals
from edgepose.errors import BackendError, BackendUnavailable, ConfigError, ModelError

#: (module, package), as `backends.tflite` has them.
PACKAGES = (("openvino", "openvino"),)
#: Files that it reads, the preferred one first.
FORMATS = ("openvino-ir", "tflite")
PRECISIONS = ("f32", "f16", "bf16")
OLDEST = (2025, 4)  # of those tried; 2025.0 gives wrong int8 heads of a `.tflite`


class OpenvinoBackend:
    """Runs a model's file with OpenVINO; slots and outputs are shared with it and never copied.

    Parameters
    ----------
    threads : int, threads of the runtime
    device : "CPU", "GPU" (or "GPU.1"), or "AUTO": a GPU where there is one, else the CPU
    precision : "f32", "f16" or "bf16", of what is not int8; None for f32 on a CPU, f16 elsewhere
    pin_threads : bool, fix each thread to a core; without it the scheduler moves them among the process's cores

    Attributes
    ----------
    outputs : int8 arrays in the order of the manifest's outputs, the same arrays for ever
    package : str, the package and its version, the device and the precision
    format : str, of the model's files, the one that it runs; known once it is open

    Raises
    ------
    BackendUnavailable : the package is missing or does not load
    ConfigError : a parameter is out of range, or the device is not there
    """

    name = "openvino"

    def __init__(self, threads=1, device="CPU", precision=None, pin_threads=False):
        if threads < 1:
            raise ConfigError(f"threads must be 1 or more, got {threads}")
        self.threads, self._pin_threads = threads, pin_threads
        self._openvino, package = find_package()
        self._core = self._openvino.Core()
        self.device = _find_device(self._core, device.upper())
        self.precision = _find_precision(precision, self.device)
        self.package = f"{package} on {self.device} at {self.precision}"
        self.format, self._request, self.outputs = None, None, ()

    def open(self, model, ring):
        """Load and check the model, bind the ring's slots; allocates everything that `infer` uses.

        Raises
        ------
        ModelError : the file is damaged, or its tensors are not what the manifest says
        BackendError : OpenVINO refuses the file
        """
        self.format = _find_format(model)
        path = model.file(self.format)
        try:
            with own_signals():
                network = KeptNetworks(self._core, self.device, self._settings()).load(path, model)
            self._request = network.create_infer_request()
            self._bind(network, model)
        except RuntimeError as error:
            raise BackendError(f"{self.package} cannot load {path}: {_line(error)}") from error
        self._inputs = _Inputs(self._openvino.Tensor)
        for slot in ring.slots if ring else ():
            self._inputs.bind(slot)

    def infer(self, slot):
        """Run the network on `slot.tensor`; `outputs` hold the result until the next call. BackendError."""
        try:
            self._request.set_input_tensor(self._inputs[slot])
            self._request.start_async()  # unlike infer(), it makes no arrays of the results
            self._request.wait()
        except RuntimeError as error:
            raise BackendError(f"{self.package} failed on frame {slot.seq}: {_line(error)}") from error

    def close(self):
        """Free the network. Closing twice is fine."""
        self._request = self._inputs = None

    def _settings(self):
        settings = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": self.precision}
        if self.device == "CPU":
            settings |= {"INFERENCE_NUM_THREADS": self.threads, "ENABLE_CPU_PINNING": self._pin_threads}
        return settings

    def _bind(self, network, model):
        """Let the network write into our own arrays."""
        places = {name: place for place, port in enumerate(network.outputs) for name in port.get_names()}
        self.outputs = tuple(np.zeros(output.shape, np.int8) for output in model.outputs.values())
        for name, output in zip(model.outputs, self.outputs):
            self._request.set_output_tensor(places[name], self._openvino.Tensor(output[None], shared_memory=True))

    def __repr__(self):
        return f"<OpenvinoBackend {self.package}, {self.threads} threads, {'open' if self._request else 'closed'}>"


class _Inputs(WeakKeyDictionary):
    """The tensor that shares each slot's memory; a slot from outside the ring is bound when it first comes.

    Notes
    -----
    Slots are not kept from going, nor is what was bound to them: cameras come and go while a network stays open.
    """

    def __init__(self, tensor_class):
        super().__init__()
        self._tensor_class = tensor_class

    def bind(self, slot):
        tensor = self[slot] = self._tensor_class(slot.tensor[None], shared_memory=True)
        return tensor

    def __getitem__(self, slot):
        tensor = self.get(slot)
        return self.bind(slot) if tensor is None else tensor


def find_package():
    """(module, "package version"); BackendUnavailable names what to install."""
    try:
        module = importlib.import_module("openvino")
        module.Core  # noqa: B018 - a mere folder of that name imports as well
        version = importlib.metadata.version("openvino")
    except (ImportError, OSError, AttributeError, importlib.metadata.PackageNotFoundError) as error:
        raise BackendUnavailable(f"backend openvino has no runtime (openvino: {_line(error)});"
                                 " pip install 'edgepose[openvino]'") from error
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        raise BackendUnavailable(f"openvino {version} is too old; pip install 'edgepose[openvino]' gets a newer one")
    return module, f"openvino {version}"


def find_devices():
    """["CPU", ...] that OpenVINO finds here, in its own words. BackendUnavailable."""
    return _available(find_package()[0].Core())


def _available(core):
    with own_signals():
        return core.available_devices


def _find_device(core, wanted):
    if wanted == "CPU":  # asking for the others loads their drivers
        return wanted
    found = _available(core)
    if wanted == "AUTO":
        return next((device for device in found if device.startswith("GPU")), "CPU")
    if wanted not in (*found, *(device.partition(".")[0] for device in found)):
        raise ConfigError(f"device {wanted!r} is not here; OpenVINO finds {', '.join(found)} (or take AUTO)")
    return wanted


def _find_precision(wanted, device):
    if wanted is None:
        return "f32" if device == "CPU" else "f16"
    if wanted not in PRECISIONS:
        raise ConfigError(f"precision {wanted!r} is not known; one of {', '.join(PRECISIONS)}")
    return wanted


def _find_format(model):
    """The preferred format of those that the manifest offers."""
    offered = {file.format for file in model.files}
    for format in FORMATS:
        if format in offered:
            return format
    raise ModelError(f"model {model.name} has no file for OpenVINO, which takes {' or '.join(FORMATS)};"
                     f" it has {', '.join(sorted(offered))}")


def _line(error):
    """What OpenVINO says went wrong, without the places in its sources."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return (said or lines or [type(error).__name__])[0]
