"""Networks that OpenVINO has compiled before, kept in the user's cache so that the next start is quick.

OpenVINO's own cache (CACHE_DIR) would run a file whose weights have been damaged without a word; ours is sealed.
"""

import hashlib
import io
import json

import edgepose
from edgepose import cache, machine

N_KEPT = 8  # a few MB each


class KeptNetworks:
    """Loads a network for a device with some settings: the kept one, or compiled anew and then kept.

    Parameters
    ----------
    core : ov.Core
    device : str, as OpenVINO names it
    settings : dict, OpenVINO's properties
    """

    def __init__(self, core, device, settings):
        self._core, self._device, self._settings = core, device, settings

    def load(self, path, model):
        """The ov.CompiledModel of a model's verified file. ModelError, RuntimeError."""
        try:
            kept = cache.folder() / "openvino" / f"{model.name}-{self._key(path, model)}.network"
        except OSError:  # no home, no cache
            return self._compile(path, model)
        return self._recall(kept) or self._keep(self._compile(path, model), kept)

    def _key(self, path, model):
        """A name for everything that the compiled network depends on."""
        described = core_version(self._core), str(self._core.get_property(self._device, "FULL_DEVICE_NAME"))
        parts = [edgepose.__version__, *described, self._device, self._settings, self._has_dot_products(),
                 [path.name, *sorted(file.sha256 for file in model.files)], repr(model.input), repr(model.outputs)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]

    def _recall(self, kept):
        network = cache.read_sealed(kept)
        try:
            return network and self._core.import_model(io.BytesIO(network), self._device, self._settings)
        except RuntimeError:  # whole, and yet not for this OpenVINO
            return None

    def _compile(self, path, model):
        from edgepose.backends import openvino_graph

        graph = openvino_graph.read(self._core, path, model)
        openvino_graph.round_resizes_up(graph)
        if not self._has_dot_products():
            openvino_graph.compute_in_float(graph)
        return self._core.compile_model(graph, self._device, self._settings)

    def _has_dot_products(self):
        return self._device != "CPU" or machine.has_int8_dot_products()

    def _keep(self, network, kept):
        """Write a compiled network where the next start finds it; where that cannot be, this start goes on."""
        stream = io.BytesIO()
        network.export_model(stream)
        try:
            cache.write_sealed(kept, stream.getvalue())
            cache.keep_newest(kept.parent, "*.network", N_KEPT)
        except OSError:  # `edgepose doctor` tells of a cache that cannot be written
            pass
        return network


def core_version(core):
    """OpenVINO's build, such as "2026.4.1-22982-e213a147257-releases/2026/4"."""
    return core.get_versions("CPU")["CPU"].build_number
