"""Files of the kernel that are there and say nothing."""

from edgepose.doctor import files
from edgepose.doctor.finding import good, warn

_SHOWN = 3
BROKEN = ("what they would tell is missing above; a driver, or a chip that does not answer: see dmesg, and send"
          " edgepose doctor --record FILE")


def examine(place):
    """How many files there are to read, and which of them cannot be read."""
    checked = {path: files.fault(file, place.root / path) for path, file in place.files.items()}
    faults = [f"/{path}: {fault}" for path, fault in checked.items() if fault]
    if not faults:
        return good(f"{len(checked)} files of the kernel, all of them readable")
    named = ", ".join(faults[:_SHOWN]) + (f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else "")
    return warn(f"{len(faults)} of {len(checked)} files of the kernel are broken: {named}", BROKEN)
