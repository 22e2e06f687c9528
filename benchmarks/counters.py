"""Counters of executed instructions: QEMU with our plugin for ARM, callgrind for x86-64."""

import re
import shutil
import subprocess
from itertools import count
from pathlib import Path

COUNTING = Path(__file__).resolve().parent / "counting"
WHEEL = ["-O3", "-std=gnu11", "-fwrapv"]  # of setup.py
SCALAR = ["-fno-tree-vectorize", "-fno-tree-slp-vectorize"]
NEON = ["-march=armv7-a+neon", "-mfloat-abi=hard"]  # of setup.py
#: Machine: compiler, what the wheel's build gives it besides, what takes the vectors away, and the emulator.
ARM = {"aarch64": ("aarch64-linux-gnu-gcc", [], SCALAR, "qemu-aarch64"),
       "armv7l": ("arm-linux-gnueabihf-gcc", NEON, [*SCALAR, "-march=armv7-a+fp"], "qemu-arm")}
_NAME = re.compile(r"(c?fn)=\((\d+)\)(?: (.+))?")


def create(machine, folder):
    """The counter of a machine. SystemExit where a tool is missing."""
    return Callgrind(folder) if machine == "x86-64" else Qemu(machine, folder)


def need(program):
    """SystemExit where a program is not installed."""
    if not shutil.which(program):
        raise SystemExit(f"instructions.py: no {program}; apt install qemu-user valgrind gcc-aarch64-linux-gnu"
                         " libc6-dev-arm64-cross gcc-arm-linux-gnueabihf libc6-dev-armhf-cross")
    return program


def words(*command):
    """The first line that a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


class Counter:
    """Builds drivers with one compiler."""

    def __init__(self, compiler, machine_flags, no_vectors, folder):
        self._compiler, self._machine_flags, self._folder = need(compiler), machine_flags, folder
        self._no_vectors = no_vectors
        self._names = (folder / f"{compiler}-{i}" for i in count())

    def flags(self, *more, vectors=True):
        """The wheel's flags for the machine and more."""
        return [*WHEEL, *self._machine_flags, *([] if vectors else self._no_vectors), *more]

    def build(self, sources, flags):
        """The driver with the kernels of a folder."""
        driver = next(self._names)
        kernels = sorted(path for path in sources.glob("*.c") if path.name != "module.c")  # that one is Python's
        subprocess.run([self._compiler, *flags, "-static", f"-I{sources}", str(COUNTING / "calls.c"),
                        *map(str, kernels), "-o", str(driver)], check=True)
        return driver

    def compiler(self):
        """What it says it is."""
        return words(self._compiler, "--version")

    def run(self, driver, calls, times):
        """(checksum of what the kernels wrote, {function: instructions})."""
        out = self._folder / "counts"
        done = subprocess.run([*self._command(out), str(driver), str(calls), str(times)], capture_output=True,
                              text=True)
        if done.returncode:
            raise SystemExit(f"instructions.py: {self.describe()}: {(done.stderr or done.stdout).strip()}")
        return done.stdout.strip(), self._read(out)


class Qemu(Counter):
    """An ARM machine, emulated; a plugin counts."""

    def __init__(self, machine, folder):
        compiler, flags, no_vectors, self._qemu = ARM[machine]
        super().__init__(compiler, flags, no_vectors, folder)
        self._plugin = folder / f"count-{machine}.so"
        api = 1 if int(re.search(r"version (\d+)", words(need(self._qemu), "--version"))[1]) < 9 else 2
        subprocess.run([need("gcc"), "-O2", "-shared", "-fPIC", f"-DPLUGIN_API={api}", str(COUNTING / "count.c"),
                        "-o", str(self._plugin)], check=True)

    def describe(self):
        """Which emulator."""
        return words(self._qemu, "--version")

    def _command(self, out):
        return [self._qemu, "-plugin", f"{self._plugin},out={out}"]

    def _read(self, out):
        lines = (line.split(maxsplit=1) for line in out.read_text().splitlines())
        return {name: int(n) for n, name in lines}


class Callgrind(Counter):
    """The machine itself, under valgrind."""

    def __init__(self, folder):
        super().__init__("gcc", [], [*SCALAR, "-DEDGEPOSE_PLAIN"], folder)
        need("valgrind")

    def describe(self):
        """Which valgrind."""
        return f"callgrind of {words('valgrind', '--version')}"

    def _command(self, out):
        return ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"]

    def _read(self, out):
        """Own costs by function; the line after `calls=` is what a callee took."""
        counts, names, function, lines = {}, {}, None, iter(out.read_text().splitlines())
        for line in lines:
            if found := _NAME.match(line):
                name = names.setdefault(found[2], found[3])
                function = name if found[1] == "fn" else function
            elif line.startswith("calls="):
                next(lines)
            elif function and line[:1] in "+-*0123456789" and line:
                counts[function] = counts.get(function, 0) + int(line.split()[1])
        return counts
