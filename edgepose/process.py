"""What this process has of the machine's memory."""

import resource


def resident_bytes():
    """Resident memory of this process now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def peak_bytes():
    """The most memory that was resident in this process so far; unlike getrusage's, not what its parent had."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))
