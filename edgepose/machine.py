"""What this machine is, as its kernel tells it."""

import os
import platform
from pathlib import Path

from edgepose.board import model_of

CPU = Path("/proc/cpuinfo")
#: Flags of x86 CPUs that multiply int8 values and add four products without an overflow.
INT8_DOT_PRODUCTS = {"avx512_vnni", "avx_vnni", "avx_vnni_int8", "amx_int8"}


def name():
    """The board's name where firmware gives one, else the CPU's."""
    found = model_of()
    return (_cpu("model name") or platform.processor() or platform.machine()) if found is None else found


def n_usable_cores():
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def has_int8_dot_products():
    """False on x86 CPUs whose pairs of int8 products are summed in 16 bits that saturate; True elsewhere."""
    if platform.machine() not in ("x86_64", "AMD64", "i686"):
        return True
    return bool(INT8_DOT_PRODUCTS & set(_cpu("flags").split()))


def _cpu(key):
    """The first value of a key in the kernel's description of the cores, or an empty string."""
    try:
        lines = CPU.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    return next((value.strip() for found, _, value in pairs if found.strip() == key), "")
