"""Instructions a frame of every kernel, before and after a change: a count, and no time.

    python benchmarks/instructions.py [MACHINE ...] [--before COMMIT] [--write]

MACHINE is aarch64 or armv7l (under qemu-user, with a plugin of ours) or x86-64 (under callgrind); default: all.
A driver in C calls the kernels on recorded frames, once and twice over; the difference is what one pass takes, to the
instruction: a run that does not repeat ends the script. Needs Debian's qemu-user, valgrind and cross compilers.
"""

import argparse
import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

import counters
import kernel_calls

from edgepose.errors import ModelError

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"aarch64": "qemu-aarch64", "armv7l": "qemu-armv7l", "x86-64": "callgrind-x86-64"}


def main():
    """Print a table a machine, and write it on request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("machine", nargs="*", metavar="MACHINE", choices=[*FOLDERS, []], help=", ".join(FOLDERS))
    parser.add_argument("--before", default="3ef42c5", metavar="COMMIT", help="default: %(default)s")
    parser.add_argument("--write", action="store_true", help="into benchmarks/results/")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.before)
        for machine in options.machine or FOLDERS:
            record = bench.measure(machine)
            show(record)
            if options.write:
                write(record, ROOT / "benchmarks" / "results" / FOLDERS[machine] / "kernels.json")


class Bench:
    """The recorded calls and the sources before, in a folder."""

    def __init__(self, folder, before):
        self._folder, self._before = folder, before
        self._sources = {"before": unpack(before, folder), "after": ROOT / "edgepose" / "native"}
        self._calls = dict(self._record())

    def measure(self, machine):
        """The record of a machine: what counted, what was compiled how, the counts of every case."""
        counter = counters.create(machine, self._folder)
        flags = {"before, no vectors": counter.flags(vectors=False)}
        flags |= dict.fromkeys(("before", "after"), counter.flags())
        if machine == "x86-64":  # whose loops have a copy for AVX2, which is what runs here, and one for all machines
            flags |= {name: counter.flags("-DEDGEPOSE_PLAIN") for name in ("before, SSE2", "after, SSE2")}
        drivers = {name: counter.build(self._sources[name.split(",")[0]], flags[name]) for name in flags}
        return {"machine": machine, "counter": counter.describe(), "compiler": counter.compiler(),
                "before": self._before, "flags": flags, "frames": kernel_calls.N_FRAMES,
                "cases": {case: count_all(counter, drivers, path) for case, path in self._calls.items()}}

    def _record(self):
        for case in kernel_calls.CASES:
            path = self._folder / f"{case.replace(' ', '-')}.calls"
            try:
                kernel_calls.record(case, path)
                yield case, path
            except ModelError as error:
                print(f"{case}: left out: {error}")


def unpack(commit, folder):
    """The kernels' sources as they were."""
    done = subprocess.run(["git", "archive", commit, "edgepose/native"], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise SystemExit(f"instructions.py: no commit {commit} here ({done.stderr.decode().strip()}); fetch it")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder)
    return folder / "edgepose" / "native"


def count_all(counter, drivers, calls):
    """{variant: counts a frame} of one case; all variants must give the same bits."""
    found = {name: count(counter, driver, calls) for name, driver in drivers.items()}
    if len({row["checksum"] for row in found.values()}) > 1:
        raise SystemExit(f"instructions.py: {calls.stem}: the variants give different bits")
    return found


def count(counter, driver, calls):
    """Instructions a frame, all and by function."""
    (first, once), (checksum, twice), again = (counter.run(driver, calls, times) for times in (1, 2, 2))
    if (checksum, twice) != again or first != checksum:
        raise SystemExit(f"instructions.py: {calls.stem}: two runs differ")
    spent = {name: (n - once.get(name, 0)) / kernel_calls.N_FRAMES for name, n in twice.items()}
    hottest = sorted(spent.items(), key=lambda item: -item[1])
    return {"instructions": round(sum(spent.values())), "checksum": checksum,
            "functions": {name: round(n) for name, n in hottest if n >= 1}}


def show(record):
    """Print a record as a table."""
    names = list(record["flags"])
    print(f"\n{record['machine']}: {record['counter']}; {record['compiler']}; instructions a frame")
    print(f"{'':26}" + "".join(f"{name:>20}" for name in names))
    for case, row in record["cases"].items():
        print(f"{case:26}" + "".join(f"{row[name]['instructions']:>20,}" for name in names), flush=True)


def write(record, path):
    """Write a record as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
