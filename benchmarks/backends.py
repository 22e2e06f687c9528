"""What each backend costs here: a frame's time, the start with and without kept networks, resident memory.

    python benchmarks/backends.py [--model NAME] [--threads N] [--rounds N]

Backends take turns on frames of the shipped clip, so that a slow moment hits them alike. A start is a process of
its own, from its beginning to the outputs of the first frame. CPU times tell more than the clock's where other
work runs beside it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import psutil

from edgepose import backends, model
from edgepose.backends import choice

N_STARTS = 5
WARM_UP = 10


def main():
    """Print the table, or be one of the started processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=model.DEFAULT)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--start", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.start:
        return start(options)
    times = race(model.load(options.model), {name: backends.create(name, threads=options.threads)
                                             for name in backends.installed()}, options.rounds)
    print(f"{options.model}, {options.threads} thread(s), load average {os.getloadavg()[0]:.1f} on"
          f" {os.cpu_count()} cores")
    for name, spent in times.items():
        cold, warm = starts(name, options)
        clock, cpu = ("{1:.2f} ms (p10 {0:.2f}, p90 {2:.2f})".format(*np.percentile(column, [10, 50, 90]))
                      for column in zip(*spent))
        print(f"{name:9s} a frame: {clock} by the clock, {cpu} of CPU")
        print("{:9s} start: {:.2f} s by the clock, {:.2f} s of CPU, {:.0f} MiB resident;"
              " with an empty cache {:.2f} s, {:.2f} s of CPU, {:.0f} MiB".format("", *warm, *cold))


def race(found, running, rounds):
    """{backend: [(ms by the clock, ms of CPU), ...]}, one a round, after ten that do not count.

    Parameters
    ----------
    found : Model
    running : {name: Backend}, opened here
    rounds : int
    """
    slots, times = choice.real_slots(found), {name: [] for name in running}
    for backend in running.values():
        backend.open(found, None)
    for n in range(rounds + WARM_UP):
        for name, backend in running.items():
            begun, worked = time.perf_counter(), time.process_time()
            backend.infer(slots[n % len(slots)])
            times[name].append(((time.perf_counter() - begun) * 1e3, (time.process_time() - worked) * 1e3))
    return {name: spent[WARM_UP:] for name, spent in times.items()}


def starts(name, options):
    """(s by the clock, s of CPU, MiB) with an empty cache and with a filled one, medians."""
    with tempfile.TemporaryDirectory() as kept:
        cold = [child(name, options, folder) for folder in [kept] + [None] * (N_STARTS - 1)]
        warm = [child(name, options, kept) for _ in range(N_STARTS)]
    return [list(map(statistics.median, zip(*runs))) for runs in (cold, warm)]


def child(name, options, folder):
    """(s by the clock, s of CPU, MiB) of a process of its own, with its cache in a folder, or in none that lasts."""
    with tempfile.TemporaryDirectory() as own:
        command = [sys.executable, __file__, "--start", name, "--model", options.model, "--threads",
                   str(options.threads)]
        begun = time.time()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True,
                              env={**os.environ, "XDG_CACHE_HOME": folder or own})
        ended, worked, mib = json.loads(done.stdout)
        return ended - begun, worked, mib


def start(options):
    """Open one backend, run one frame and print when that was done, the CPU's time and the memory that it took."""
    from edgepose.ring import FrameRing

    found = model.load(options.model)
    ring = FrameRing(found.input.height, found.input.width)
    backend = backends.create(options.start, threads=options.threads)
    backend.open(found, ring)
    backend.infer(ring.slots[0])
    print(json.dumps([time.time(), time.process_time(), psutil.Process().memory_info().rss / 2**20]))


if __name__ == "__main__":
    main()
