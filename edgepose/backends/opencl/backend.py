"""OpenCL: the same int8 network on any device with a driver, with the bits of TFLite's XNNPACK path."""

import numpy as np

import edgepose
from edgepose.backends import agreement
from edgepose.backends.opencl import devices
from edgepose.backends.opencl.letterbox import PLACES, DeviceLetterbox, usual_place
from edgepose.errors import BackendError, ConfigError, first_line


class OpenclBackend:
    """Runs a model's `.tflite` file with kernels of our own.

    Parameters
    ----------
    threads : int, threads on a CPU; other devices take no notice
    device : its number, "gpu", "cpu" or "accelerator", a part of its name, or None for the most promising
    letterbox : "device" to scale frames there, "host", or None for the device if it is a GPU

    Attributes
    ----------
    outputs : int8 arrays in the order of the manifest's outputs, the same arrays for ever
    package : str, the package, its version, the device and its driver
    format : str, of the model's files, the one that it runs
    fallback : bool, True where the device is a CPU, which other runtimes use better
    letterbox : DeviceLetterbox for this backend's slots once it is open, or None where the host's is wanted

    Raises
    ------
    BackendUnavailable : pyopencl is missing, or there is no driver or no device
    ConfigError : a parameter is out of range, or the device is not there
    """

    name, format = "opencl", "tflite"

    def __init__(self, threads=1, device=None, letterbox=None):
        if threads < 1:
            raise ConfigError(f"threads must be 1 or more, got {threads}")
        if letterbox not in (None, *PLACES):
            raise ConfigError(f"letterbox {letterbox!r} is not known; one of {', '.join(PLACES)}")
        self.threads = threads
        self._cl = devices.find_package()
        self._device = devices.choose(self._cl, devices.find_devices(self._cl), device)
        self.package = devices.package(self._device)
        kind = devices.type_of(self._cl, self._device)
        self.fallback = kind == "CPU"
        self._draws = (letterbox or usual_place(kind)) == "device"
        self._executor, self._canvas, self.letterbox, self.outputs = None, None, None, ()

    def open(self, model, ring):
        """Load and check the model, build its programs; allocates everything that `infer` uses.

        Raises
        ------
        ModelError : the file is damaged, not what the manifest says, or has what this backend does not run
        BackendError : the device has not enough memory, or its driver does not build the programs
        """
        from edgepose.backends.opencl import plan, reader

        path = model.file(self.format)
        graph = reader.read(path)
        tensors = _match(path, graph, model)
        layout = plan.plan(graph)
        if self._draws:
            layout.keep_input()
        try:
            self._executor = self._load(layout, model)
            self._canvas = self._executor.canvas(model.input) if self._draws else None
        except self._cl.Error as error:
            raise BackendError(f"{self.package} cannot load {path}: {first_line(error)}") from error
        self.letterbox = DeviceLetterbox(model.input) if self._draws else None
        self.outputs = _views(self._executor.outputs, graph.outputs, tensors)

    def infer(self, slot):
        """Run the network on what is in a slot; `outputs` hold the result until the next call. BackendError."""
        try:
            if self._canvas:
                self._canvas.show(slot)
            self._executor.run(None if self._canvas else slot.tensor)
        except self._cl.Error as error:
            raise BackendError(f"{self.package} failed on frame {slot.seq}: {first_line(error)}") from error

    def close(self):
        """Free the device's memory. Closing twice is fine."""
        self._executor = self._canvas = None

    def tune(self, model, progress):
        """Measure which division of work is quickest for every layer of a model, and keep it for later starts.

        Parameters
        ----------
        progress : callable of the number of layers, that gives a bar to `update` in a `with`

        Returns
        -------
        tuning.Tuned, the times before and after

        Raises
        ------
        ModelError, BackendError : as `open`
        OSError : the user's cache cannot be written
        """
        from edgepose.backends.opencl import plan, reader, tuning

        path = model.file(self.format)
        layout = plan.plan(reader.read(path))
        try:
            with progress(len(layout.layers)) as bar:
                return tuning.tune(*self._target(layout, model), bar.update)
        except self._cl.Error as error:
            raise BackendError(f"{self.package} cannot load {path}: {first_line(error)}") from error

    def _load(self, layout, model):
        from edgepose.backends.opencl import executor, tuning

        device, layout, *about = self._target(layout, model)
        return executor.load(device, layout, tuning.choose(device, layout, *about))

    def _target(self, layout, model):
        """What `tuning` asks for: device, plan, family, and all that a layer's time depends on."""
        from edgepose.backends.opencl import shapes

        device = devices.confine(self._cl, self._device, self.threads)
        family = shapes.family_of(devices.type_of(self._cl, self._device))
        return device, layout, family, self._about(model)

    def _about(self, model):
        """All that a layer's time depends on."""
        return {"edgepose": edgepose.__version__, "device": self.package, "threads": str(self.threads),
                "model": model.name, "sha256": " ".join(sorted(file.sha256 for file in model.files))}

    def __repr__(self):
        return f"<OpenclBackend {self.package}, {self.threads} threads, {'open' if self._executor else 'closed'}>"


def _match(path, graph, model):
    """The file's output tensors in the manifest's order, after comparing both."""
    taken, found = graph.inputs[0], {tensor.name: tensor for tensor in graph.outputs}
    agreement.check(path, model, taken.name, taken, found)
    return [found[name] for name in model.outputs]


def _views(outputs, order, tensors):
    """Each tensor's part of the outputs that stand side by side."""
    views, at = {}, 0
    for tensor in order:
        shape = tensor.shape[1:]
        n = int(np.prod(shape))
        views[tensor] = outputs[at:at + n].reshape(shape)
        at += n
    return tuple(views[tensor] for tensor in tensors)
