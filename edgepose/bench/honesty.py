"""What speaks against a result: every check gives doubts, each one line that a reader can act on."""

import statistics
from collections import namedtuple

import numpy as np

from edgepose.bench import quantiles

#: `code` for programs, `text` for people; `spoils`: "all", "p99", or "nothing" where it is only good to know.
Doubt = namedtuple("Doubt", "code spoils text")

_Excess = namedtuple("_Excess", "spoils share when")

MOST_STEAL, MOST_OTHERS = 0.01, 0.05  # of the machine's cores
MOST_DRIFT, MOST_UNSURE, MOST_YARDSTICK = 0.03, 0.02, 0.05  # relative
_LEAST_FOR_DRIFT = 60  # frames


def check_samples(summary, runs):
    """Too few frames, frames whose time drifts, processes that disagree."""
    return [*_few(summary), *_drift(runs), *_spread(summary), *_yardstick(runs)]


def _few(summary):
    n, least = summary["n_frames"], quantiles.needed(quantiles.QUANTILES["p99"])
    if n < least:
        yield Doubt("few-samples", "p99", f"{n} frames are too few for a p99, which needs {least}; measure longer"
                                          " with --seconds")


def _drift(runs):
    """The last third of the run against its first third, frames in the order of time."""
    work = np.concatenate([run["samples"]["work"] for run in runs])
    done = np.concatenate([run["samples"]["done"] for run in runs])
    if len(work) < _LEAST_FOR_DRIFT:
        return
    thirds = np.array_split(work[np.argsort(done)], 3)
    change = np.median(thirds[2]) / np.median(thirds[0]) - 1
    if abs(change) > MOST_DRIFT:
        yield Doubt("drift", "all", f"the p50 of the last third of the run is {change:+.1%} from that of the first"
                                    " third; heat, or other work")


def _spread(summary):
    """A p50 that another run may miss by over 3 %: the interval of a difference is the root of 2 wider than each."""
    limits = summary["times_ns"]["work"].get("p50_interval")
    if limits is None:
        yield Doubt("single", "nothing", "a single process does not show what differs from start to start")
    elif limits[1] - limits[0] > MOST_UNSURE * sum(limits):
        unsure = (limits[1] - limits[0]) / sum(limits)
        yield Doubt("spread", "all", f"the processes disagree: a frame's p50 is known to ±{unsure:.1%} only, so another"
                                     " run may say something else; more of them with --processes")


def _yardstick(runs):
    """The slowest and the fastest tenth of the readings are left out: a moment is what quantiles are for."""
    times = sorted(time for run in runs for time in run["yardstick_ns"])
    tenth = len(times) // 10
    spread = times[-1 - tenth] / times[tenth] - 1
    if spread > MOST_YARDSTICK:
        yield Doubt("yardstick", "all", f"the machine's own speed changed: a fixed piece of work took {spread:.1%}"
                                        " longer at one time than at another")


def check_load(loads, n_cores):
    """Work of others, and time that a virtual machine did not get.

    Parameters
    ----------
    loads : list of {"busy", "steal", "ours"} in cores, one a process or idle window
    n_cores : int, of the machine
    """
    others, steal = ([load["busy"] - load["ours"] for load in loads], [load["steal"] for load in loads])
    for found in _beyond(others, MOST_OTHERS * n_cores):
        yield Doubt("other-load", found.spoils, f"other programs took {found.share:.2f} of {n_cores} cores"
                                                f" {found.when}; stop them")
    for found in _beyond(steal, MOST_STEAL * n_cores):
        yield Doubt("steal", found.spoils, f"this virtual machine did not get {found.share / n_cores:.1%} of its time"
                                           f" (steal) {found.when}; measure on a machine of your own")


def _beyond(shares, limit):
    """What most of the windows had too much of spoils everything, what one of them had the p99."""
    if not shares:
        return
    if statistics.median(shares) > limit:
        yield _Excess("all", statistics.median(shares), "most of the time")
    elif max(shares) > limit:
        yield _Excess("p99", max(shares), "at one time")


def check_run(was_cut, kernels, frames):
    """What the run itself tells."""
    if was_cut:
        yield Doubt("cut-short", "all", "the run was cut short")
    if kernels != "compiled":
        yield Doubt("twins", "all", "the kernels are the slow NumPy twins; edgepose doctor says why")
    if frames["broken"]:
        yield Doubt("broken", "all", f"{frames['broken']} pictures could not be decoded")


def check_machine(about):
    """What the machine is."""
    if about["emulated"]:
        yield Doubt("emulated", "all", "a program stands for the processor, so these times are of no board")


def check_power(traces, missing=()):
    """Sensors that went away, that always say the same, or, by name, that did not see everything."""
    for name in missing:
        yield Doubt("sensor-short", "nothing", f"{name} did not read all the time, from the idle baseline to the end;"
                                               " its energy is left out")
    for trace in traces:
        if trace.fault:
            yield Doubt("sensor-lost", "nothing", f"{trace.name} stopped answering, its energy is left out:"
                                                  f" {trace.fault}")
        elif trace.is_stuck:
            yield Doubt("sensor-stuck", "nothing", f"{trace.name} said {trace.values[0]} {len(trace.values)} times and"
                                                   " nothing else; its energy is left out")


def verdict(doubts):
    """("trustworthy" or not, as a bool; one line)."""
    spoiling = [doubt for doubt in doubts if doubt.spoils != "nothing"]
    if not spoiling:
        return True, "trustworthy: nothing speaks against these numbers"
    if all(doubt.spoils == "p99" for doubt in spoiling):
        return True, "trustworthy but for the p99"
    return False, "NOT trustworthy"
