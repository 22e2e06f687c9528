"""Proof on ARM without a board: builds emulated trees and runs tests, doctor and the whole pipeline in them.

    python -m tests.arm [TREE ...] [--cpu NAME] [--data DIR] [--relock] [-- PYTEST ARGUMENTS]
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

from tests.arm import difference, emulator, locks, selection, tree
from tests.arm.errors import Failed, Missing
from tests.arm.stage import ROOT, Stage

N_FRAMES = 8  # of the clip: a frame takes two seconds or three, tracking looks at it more than once
SHARED = ROOT.parent / "shared" / "data"
CLIP = "edgepose/clips/pedestrians.mp4"
#: Once, so that every later start is quick
COMPILE = ("python3", "-m", "compileall", "-q", "-j2", "/usr/lib/python3.11", "/usr/lib/python3", "/" + tree.SITE)


def main():
    """0: all is well; 1: something differs or a test failed; 2: something that a run needs is missing."""
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        plans = [locks.plans()[name] for name in options.trees or locks.plans()]
        if options.relock:
            return [locks.lock(plan) for plan in plans] and 0
        emulator.check()
        with tempfile.TemporaryDirectory(prefix="edgepose-arm-") as work:
            return prove(plans, options, Path(work))
    except Missing as error:
        print(f"test-arm: {error}", file=sys.stderr)
        return 2


def parse():
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m tests.arm", description=__doc__.splitlines()[0])
    parser.add_argument("trees", nargs="*", choices=[*locks.plans(), []], metavar="TREE", help=", ".join(locks.plans()))
    parser.add_argument("--cpu", help="qemu's name of a processor, cortex-a53 say; default: trees.toml's")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("EDGEPOSE_DATA", SHARED)))
    parser.add_argument("--relock", action="store_true", help="write locks/ anew from trees.toml and the registries")
    parser.add_argument("--pytest", default="", metavar="ARGUMENTS", help="in place of selection.toml, for one test")
    return parser.parse_args()


def prove(plans, options, work):
    """Exit code of the whole; both trees side by side, a core for each."""
    with ThreadPoolExecutor(len(plans) + 1) as pool:
        ours = pool.submit(digest_here, work)
        found = list(pool.map(lambda plan: one(plan, options, work, ours), plans))
    for stage, faults in found:
        print(f"\n{'=' * 30} {stage.plan.name}, qemu -cpu {stage.cpu}")
        print((stage.out / "report").read_text(), end="")
        print("".join(f"FAILED {fault}\n" for fault in faults) or "all is well\n", end="")
    print("", *selected(), sep="\n")
    print(closing([stage.out / "pytest.log" for stage, _ in found]))
    return int(any(faults for _, faults in found))


def one(plan, options, work, ours):
    """(stage, faults) of one tree."""
    stage = prepare(plan, options, work)
    return stage, examine(stage, ours.result(), options)


def digest_here(work):
    """What this machine makes of the same input."""
    subprocess.run([sys.executable, "-m", "tests.arm.digests", str(work / "ours")], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return work / "ours"


def prepare(plan, options, work):
    """The Stage of a plan: its tree from the cache or built, the wheel of this checkout unpacked."""
    begun = time.monotonic()
    package, out = work / plan.name, work / f"{plan.name}-out"
    out.mkdir()
    wheel = build_wheel(plan, work)
    with ZipFile(wheel) as archive:
        archive.extractall(package)
    data = options.data if options.data.is_dir() else None

    def stand(folder):
        return Stage(plan, folder, package, out, data, options.cpu or plan.cpu)

    found = tree.find(plan)
    home = found or tree.build(plan, lambda folder: stand(folder).compile(COMPILE))
    how, took_s = "from the cache" if found else "built", time.monotonic() - begun
    print(f"{plan.name}: {how} in {took_s:.0f} s, {home}", flush=True)
    return stand(home)


def build_wheel(plan, work):
    """The path of this checkout's wheel."""
    done = subprocess.run([sys.executable, "ports/build/wheel.py", plan.name, "--out", work / f"{plan.name}-wheel"],
                          cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"no wheel for {plan.name}: {' '.join(done.stderr.split())[-300:]}")
    return Path(done.stdout.split()[-1])


def examine(stage, ours, options):
    """Faults of one tree, a line each; /out/report tells what was seen."""
    with emulator.Registered(stage.plan), open(stage.out / "report", "w") as report:
        faults = []
        for step in (doctor, clip, digests, tests):
            begun = time.monotonic()
            try:
                print(f"--- {step.__name__}", *step(stage, ours, options), sep="\n", file=report)
            except Failed as error:
                faults.append(f"{step.__name__}: {error}")
            print(f"({time.monotonic() - begun:.0f} s)", file=report, flush=True)
        return faults


def doctor(stage, *_):
    """What `edgepose doctor` says; it must run, and it may warn."""
    return [run(stage, "doctor", "python3", "-m", "edgepose", "doctor")]


def clip(stage, *_):
    """The shipped clip through the whole pipeline."""
    run(stage, "run", "python3", "-m", "edgepose", "run", CLIP, "--backend", "tflite", "--output", "/out/poses.jsonl",
        "--max-frames", str(N_FRAMES))
    lines = (stage.out / "poses.jsonl").read_text().splitlines()
    people = sum('"poses":[]' not in line for line in lines)
    if len(lines) != N_FRAMES or not people:
        raise Failed(f"{len(lines)} lines for {N_FRAMES} frames, people in {people}")
    return [f"{CLIP}: {len(lines)} frames, people in {people}"]


def digests(stage, ours, _):
    """Bit for bit as on x86-64."""
    run(stage, "digests", "python3", "-m", "tests.arm.digests", "/out/theirs")
    return difference.compare(ours, stage.out / "theirs", stage.plan.network_differs)


def tests(stage, _, options):
    """The tests that selection.toml chooses."""
    chosen = options.pytest.split() or [f"tests/{name}" for name in selection.choose()[0]]
    code = stage.run("python3", "-m", "pytest", "-p", "tests.arm.plugin", "-p", "no:cacheprovider", "-q", "-rsfE",
                     "--durations=12", "--no-header", *chosen, log=stage.out / "pytest.log", timeout_s=1500)
    said = (stage.out / "pytest.log").read_text()
    kept = [line for line in said.splitlines() if not re.fullmatch(r"[.sFExX]+ +\[ *\d+%\]", line)]
    if code:
        print("\n".join(kept[-150:]), flush=True)
        raise Failed(f"pytest ended with {code}: {kept[-1] if kept else 'no word'}")
    return kept


def run(stage, name, *command):
    """What a program in the tree prints; Failed with its last words."""
    code = stage.run(*command, log=stage.out / f"{name}.log")
    said = (stage.out / f"{name}.log").read_text()
    if code:
        raise Failed(f"{' '.join(command[:5])} ended with {code}:\n{said[-3000:]}")
    return said.rstrip()


def selected():
    """Lines about which tests ran, and why others did not."""
    chosen, left_out = selection.choose()
    n_files = len(chosen) + left_out.total()
    yield f"{len(chosen)} test files of {n_files} were chosen (tests/arm/selection.toml); the others:"
    for reason, n in left_out.most_common():
        yield f"  {n:3}  {reason}"


def closing(logs):
    """pytest's closing line, of all trees together."""
    counts, seconds = {}, 0.0
    for log in logs:
        last = log.read_text().splitlines()[-1:] if log.exists() else []
        for n, what in re.findall(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed)", "".join(last)):
            counts[what] = counts.get(what, 0) + int(n)
        seconds = max([seconds, *map(float, re.findall(r"in ([\d.]+)s", "".join(last)))])
    return f"{', '.join(f'{n} {what}' for what, n in counts.items()) or 'no tests ran'} in {seconds:.2f}s"


if __name__ == "__main__":
    sys.exit(main())
