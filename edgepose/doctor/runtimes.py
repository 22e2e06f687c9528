"""The runtimes behind the backends."""

from edgepose.doctor.finding import finding


def tflite():
    """TensorFlow Lite, which must be there."""
    from edgepose.backends.tflite import PACKAGES, TfliteBackend

    backend = TfliteBackend()
    order = ", then ".join(package for _, package in PACKAGES)
    return finding(True, f"{backend.package}, {backend.threads} thread by default (looked for {order})")


def openvino():
    """OpenVINO, which is optional."""
    from edgepose import machine
    from edgepose.backends import openvino
    from edgepose.errors import BackendUnavailable

    try:
        _, package = openvino.find_package()
    except BackendUnavailable as error:
        return finding(False, f"optional: {error}", "pip install 'edgepose[openvino]', or go on without", needed=False)
    how = "" if machine.has_int8_dot_products() else "; this CPU has no exact int8 sums, so it computes in float"
    return finding(True, f"{package}, devices: {', '.join(openvino.find_devices())}{how}")
