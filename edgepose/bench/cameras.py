"""How many cameras a machine holds before p99 passes one frame, found by bisection."""

import math
from collections import namedtuple
from dataclasses import replace

import numpy as np

from edgepose.bench import quantiles

MOST_CAMERAS = 64
_LEAST_S, _MOST_S, _SPARE = 4.0, 60.0, 1.1

#: One trial: how many cameras, p99 from capture to sink (ns), frames lost, and whether that is held.
Probe = namedtuple("Probe", "n_cameras p99_ns lost holds")


def seconds_for(n_cameras, fps):
    """How long a trial takes so that its p99 means something."""
    enough = quantiles.needed(quantiles.QUANTILES["p99"]) * _SPARE / (n_cameras * fps)
    return min(max(enough, _LEAST_S), _MOST_S)


def judge(n_cameras, fps, outcome):
    """The Probe of a process's outcome: held if p99 is within one frame and no frame is lost."""
    latency, counts = outcome["samples"]["latency"], outcome["counts"]
    p99_ns = int(np.quantile(latency, quantiles.QUANTILES["p99"], method="inverted_cdf"))
    lost = counts["dropped"] + counts["gaps"]
    return Probe(n_cameras, p99_ns, lost, p99_ns <= 1e9 / fps and not lost)


def find(cell, run, report, trials):
    """How many cameras are held.

    Parameters
    ----------
    cell : plan.Cell in mode "cameras"
    run : callable of a Cell and seconds that gives a process's outcome
    report : callable of one line, told of every trial
    trials : list, gets (Probe, outcome) of every trial as soon as there is one

    Notes
    -----
    Begins at what the work of a frame alone would let fit, then halves what is between the most that was held and the
    fewest that was not.
    """
    low, high = 0, None
    alone = run(replace(cell, mode="closed", fps=None, n_cameras=1), _LEAST_S / 2)
    n = max(1, min(MOST_CAMERAS, math.floor(1e9 / cell.fps / float(np.median(alone["samples"]["work"])))))
    while n != low and n != high:
        outcome = run(replace(cell, n_cameras=n), seconds_for(n, cell.fps))
        probe = judge(n, cell.fps, outcome)
        trials.append((probe, outcome))
        report(sentence(probe, cell.fps))
        low, high = (n, high) if probe.holds else (low, n)
        n = min(low * 2, MOST_CAMERAS) if high is None else max(1, (low + high) // 2) if low else high // 2
    return low


def sentence(probe, fps):
    """One trial in one line."""
    lost = f", {probe.lost} frames lost" if probe.lost else ""
    return (f"{probe.n_cameras} camera{'s' if probe.n_cameras > 1 else ''} of {fps:g} fps:"
            f" p99 {probe.p99_ns / 1e6:.1f} ms of {1000 / fps:.1f}{lost}: {'held' if probe.holds else 'too many'}")
