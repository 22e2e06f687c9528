"""The runtimes behind the backends; each is loaded in a process of its own, see `apart`."""

from edgepose.doctor import software
from edgepose.doctor.finding import fail, good, warn


def examine_tflite(place):
    """TensorFlow Lite, which must be there and take a model."""
    if software.examine_numpy(place)["status"] == "fail":
        return fail("not loaded, it would die: see numpy", "do what numpy's finding says")
    from edgepose import model
    from edgepose.backends.tflite import PACKAGES, TfliteBackend

    backend = TfliteBackend()
    backend.open(model.load(model.DEFAULT), None)
    order = ", then ".join(package for _, package in PACKAGES)
    return good(f"{backend.package}, {backend.threads} thread by default (looked for {order})")


def examine_openvino(place):
    """OpenVINO, which is optional."""
    from edgepose import machine
    from edgepose.backends import openvino
    from edgepose.errors import BackendUnavailable

    try:
        _, package = openvino.find_package()
    except BackendUnavailable as error:
        return warn(f"optional: {error}", "pip install 'edgepose[openvino]', or go on without")
    how = "" if machine.has_int8_dot_products() else "; this CPU has no exact int8 sums, so it computes in float"
    return good(f"{package}, devices: {', '.join(openvino.find_devices())}{how}")
