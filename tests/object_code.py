"""What the compilers of ARM make of the kernels: functions, their innermost loops, and what those work with."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parent.parent / "edgepose" / "native"
FLAGS = ["-O3", "-std=gnu11", "-fwrapv"]  # of setup.py
#: Architecture: the prefix of its tools, and what else setup.py gives its compiler.
TOOLS = {"aarch64": ("aarch64-linux-gnu-", []),
         "armv7l": ("arm-linux-gnueabihf-", ["-march=armv7-a+neon", "-mfloat-abi=hard"])}

_CONDITION = "eq|ne|cs|cc|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al"
_JUMP = re.compile(rf"(b|b\.?(?:{_CONDITION})|cbn?z|tbn?z)(?:\.[nw])?(?:last|any|none|plast|nlast)?")
_LEAVES = re.compile(r"b(\.[nw])? |ret|bx |(pop|ldm)\S* .*\bpc\b")
_TARGET = re.compile(r"\b([0-9a-f]+) <")
_FUNCTION = re.compile(r"[0-9a-f]+ <(\w+)[^>]*>:")
#: Registers with lanes: v0.16b and q0 of 64-bit ARM; q0, d0 and the lists {d0-d1} of the other.
_LANES = re.compile(r"\bv\d+\.\d+[bhsd]\b|\bq\d+\b|\bd\d+\b")
_SCALAR_MEMORY = re.compile(r"(ldr|str)(s?[bh])?(\.w)?")


@dataclass(frozen=True)
class Instruction:
    """One line of a disassembly."""

    address: int
    name: str
    operands: str

    @property
    def target(self):
        """Where a jump goes, else None."""
        found = _TARGET.search(self.operands) if _JUMP.fullmatch(self.name) else None
        return int(found[1], 16) if found else None

    @property
    def is_vector(self):
        """Whether it computes on lanes, or moves them."""
        return bool(_LANES.search(self.operands))

    @property
    def is_scalar_memory(self):
        """Whether it reads or writes one value; what a compiler keeps on the stack does not count."""
        return bool(_SCALAR_MEMORY.fullmatch(self.name)) and not self.is_vector and "[sp" not in self.operands


def tool(machine, name):
    """A cross tool; without it the test is skipped."""
    found = shutil.which(TOOLS[machine][0] + name)
    if not found:
        pytest.skip(f"no {TOOLS[machine][0]}{name}: apt install gcc-{TOOLS[machine][0].rstrip('-')}")
    return found


def compiled(machine, source, folder, *flags):
    """({function: [Instruction]}, what the compiler says of its loops) of one source file."""
    out = folder / f"{machine}-{source}.o"
    command = [tool(machine, "gcc"), *FLAGS, *TOOLS[machine][1], *flags, "-fopt-info-vec-optimized", "-c",
               str(SOURCES / source), "-o", str(out)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    listing = subprocess.run([tool(machine, "objdump"), "-d", "--no-show-raw-insn", str(out)], capture_output=True,
                             text=True, check=True).stdout
    return read_functions(listing), said


def read_functions(listing):
    """{function: [Instruction]} of what objdump prints; of several copies of a function all, one after the other."""
    functions = {}
    for line in listing.splitlines():
        if head := _FUNCTION.match(line):
            function = functions.setdefault(head[1], [])
        elif re.match(r"\s+[0-9a-f]+:\t", line):
            address, name, *operands = line.split("\t")
            function.append(Instruction(int(address.strip(" :"), 16), name.strip(), " ".join(operands)))
    return functions


def innermost_loops(function):
    """[[Instruction]] of the loops that have no other inside."""
    places = {instruction.address: i for i, instruction in enumerate(function)}
    ends = [(places[instruction.target], i) for i, instruction in enumerate(function)
            if instruction.target in places and instruction.target <= instruction.address]
    bodies = [body for start, end in ends if (body := loop_body(function, places, start, end))]
    inner = [body for body in bodies if not any(other < body for other in bodies)]
    return [[function[i] for i in sorted(body)] for body in inner]


def loop_body(function, places, start, end):
    """The instructions on a way from start to end; none where there is no way, for then the jump back is no loop."""
    ways = {i: [n for n in successors(function, places, i) if start <= n <= end] for i in range(start, end + 1)}
    back = {i: [n for n in ways if i in ways[n] and n != end] for i in ways}
    forth, there = reach(ways, start), reach(back, end)
    return forth & there if end in forth else set()


def successors(function, places, i):
    """What may run after an instruction, by number."""
    follow = [places[function[i].target]] if function[i].target in places else []
    return follow if _LEAVES.match(f"{function[i].name} {function[i].operands}") else [*follow, i + 1]


def reach(ways, start):
    """All that can be reached."""
    seen, stack = {start}, [start]
    while stack:
        found = [n for n in ways[stack.pop()] if n not in seen]
        seen.update(found)
        stack += found
    return seen


def scalar_loops(function):
    """[[Instruction]] of the innermost loops that do not work with vectors, or not with vectors alone."""
    return [loop for loop in innermost_loops(function)
            if not any(i.is_vector for i in loop) or any(i.is_scalar_memory for i in loop)]
