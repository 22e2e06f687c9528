"""Which machine a compiled file is for, as its ELF header says."""

import sys

#: (class, machine) of a header: the name that Python has for it; bits 32 is class 1, 64 is class 2 (elf.h).
MACHINES = {(1, 3): "i686", (1, 40): "armv7l", (2, 62): "x86_64", (2, 183): "aarch64", (2, 243): "riscv64"}


def machine_of(path):
    """The architecture of an ELF file, "aarch64" say; None where it is no ELF file. OSError where it cannot be read."""
    with open(path, "rb") as file:
        head = file.read(20)
    if len(head) < 20 or not head.startswith(b"\x7fELF"):
        return None
    machine = int.from_bytes(head[18:20], "big" if head[5] == 2 else "little")
    return MACHINES.get((head[4], machine), f"machine {machine} with {32 * head[4]} bits")


def own_machine():
    """The architecture of this Python, which under a 64-bit kernel may still be a 32-bit one; None if none tells."""
    for path in ("/proc/self/exe", sys.executable):
        try:
            return machine_of(path)
        except OSError:
            continue
    return None


def foreign(paths):
    """One line on the first of these files that is for another machine than this one; "" where none is."""
    own = own_machine()
    for path in paths:
        built = machine_of(path)
        if own and built != own:
            return f"the compiled kernels here are for {built or 'no machine at all'}, and this machine is {own}"
    return ""
