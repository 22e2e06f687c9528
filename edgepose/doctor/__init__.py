"""What a machine has, what it lacks, and what to do about it: the checks behind `edgepose doctor`, a file a noun."""

from edgepose.doctor import models, opencl, runtimes, software
from edgepose.doctor.finding import finding

#: Every check by name, in the order in which they are shown.
CHECKS = {"edgepose": software.edgepose, "python": software.python, "cores": software.cores,
          "kernels": software.kernels, "tflite": runtimes.tflite, "openvino": runtimes.openvino,
          "opencl": opencl.examine, "cache": software.cache, "measured": models.measured,
          "video": software.video, "pictures": software.pictures, "models": models.models}


def examine():
    """{name: {ok, needed, text, advice}} of everything edgepose relies on; "measured" has `times` too, "opencl"
    `devices`."""
    return {name: _guard(check) for name, check in CHECKS.items()}


def _guard(check):
    """A check that fails is a finding, never a crash."""
    try:
        return check()
    except Exception as error:  # whatever an ill-installed package throws is what the user must see
        return finding(False, f"{type(error).__name__}: {error}", "reinstall edgepose")
