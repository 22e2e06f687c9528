"""Files of the kernel that are there and say nothing."""

from edgepose.doctor import files
from edgepose.doctor.finding import good, warn

_SHOWN = 3
BROKEN = ("what they would tell is missing above; a driver, or a chip that does not answer: see dmesg, and send"
          " edgepose doctor --record FILE")


def examine(place):
    """How many files there are to read, and which of them cannot be read."""
    n, faults = 0, []
    for file, path in files.find(place.root):
        n += 1
        if found := files.fault(file, path):
            faults.append(f"/{path.relative_to(place.root)}: {found}")
    if not faults:
        return good(f"{n} files of the kernel, all of them readable")
    more = [f"{len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    return warn(f"{len(faults)} of {n} files of the kernel are broken: {', '.join(faults[:_SHOWN] + more)}", BROKEN)
