"""OpenCL's own events: when each kernel began and ended, by the device's clock."""

import numpy as np

from edgepose.backends.opencl import OpenclBackend, devices, executor, shapes, tuning


class _Counting(OpenclBackend):
    """The backend as it always is, on a queue that keeps times."""

    def _load(self, layout, model):
        device = devices.confine(self._cl, self._device, self.threads)
        family = shapes.family_of(devices.type_of(self._cl, self._device))
        chosen = tuning.choose(device, layout, family, self._about(model))
        self.layers = layout.layers
        return executor.load(device, layout, chosen, profiling=True)

    def counters(self, image):
        """int64 (layers,), ns of each layer of one frame."""
        return self._executor.profile(image)


def profile(cell, model, slots, n_frames):
    """See `profile.PROFILERS`; medians over the frames."""
    backend = _Counting(threads=cell.threads, **cell.settings)
    backend.open(model, None)
    rows = [backend.counters(slots[n % len(slots)].tensor) for n in range(n_frames)]
    layers = backend.layers
    backend.close()
    return [{"name": layer.name, "type": layer.kind, "ns": int(ns)}
            for layer, ns in zip(layers, np.median(rows, axis=0))]
