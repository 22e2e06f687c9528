"""Two records side by side: what changed, and whether it is sure."""

import math
from collections import namedtuple

import numpy as np

from edgepose.bench import bootstrap
from edgepose.bench.summary import MEASURES
from edgepose.bench.units import common_crowds, units
from edgepose.errors import ConfigError
from edgepose.evaluate import jsonfile

LEVEL = 0.95  # for all measures of a cell together
_MOST_SLOWER = 0.03  # relative, of the machine itself
#: What has no interval: its name and where it stands in a cell's summary.
_TOTALS = {"frames a second": lambda found: found.get("throughput_hz"),
           "CPU ms a frame": lambda found: (found.get("cpu_ns") or 0) / 1e6,
           "MiB of memory at the peak": lambda found: found.get("memory", {}).get("peak_bytes", 0) / 2**20}
_SETTING = ("model", "backend", "threads", "settings", "mode", "fps", "sources", "track")

#: One measure of a cell: medians in ns, new to old with its interval, and whether it is slower beyond doubt.
Change = namedtuple("Change", "name old new ratio low high is_regression")
#: A cell of both records: `changes`; `totals`, (name, old, new) of what has no interval; `doubts` about comparing them.
Pair = namedtuple("Pair", "name changes totals doubts")


def check(old, cells):
    """Raise ConfigError unless a record holds one of the cells that are to be measured.

    Parameters
    ----------
    old : record as `reading.read` gives it
    cells : list of plan.Cell
    """
    ours = [{"cell": cell.key(), "name": cell.name} for cell in cells]
    theirs = [cell for cell in old["cells"] if not cell["error"]]
    if not {_key(cell) for cell in ours} & {_key(cell) for cell in theirs}:
        raise ConfigError(f"nothing to compare: the old record has {'; '.join(map(_words, theirs)) or 'nothing'};"
                          f" this run has {'; '.join(map(_words, ours))}")


def compare(old, new, tolerance=0.03):
    """[Pair, ...] of the cells that both records have.

    Parameters
    ----------
    old, new : records as `reading.read` gives them
    tolerance : float, relative; less than this is no regression even where it is sure

    Notes
    -----
    A regression is slower by more than the tolerance while the whole interval lies above what the surroundings explain:
    by how much the machine itself was slower, the tolerance where the machine, the package or the model is another one,
    else nothing. The intervals hold for all measures of a cell together: each is the wider, the more there are
    (Bonferroni).
    """
    olds = {_key(cell): cell for cell in old["cells"] if not cell["error"]}
    return [_pair(olds[_key(cell)], cell, old, new, tolerance)
            for cell in new["cells"] if not cell["error"] and _key(cell) in olds]


def _key(cell):
    return repr([cell["cell"].get(name) for name in _SETTING])


def _words(cell):
    about = cell["cell"]
    return f"{cell['name']}, {about['mode']}{' ' + format(about['fps'], 'g') + ' fps' if about['fps'] else ''}," \
           f" {' + '.join(about['sources'])}"


def _pair(old_cell, new_cell, old, new, tolerance):
    measures = _measures(old_cell, new_cell)
    level = 1 - (1 - LEVEL) / max(1, len(measures))
    others, slower = list(_differences(old_cell, new_cell, old, new)), _slower(old_cell, new_cell)
    explained = max(slower if slower > _MOST_SLOWER else 0, tolerance if others else 0)
    changes = [_change(name, *both, level, (1 + explained, 1 + tolerance)) for name, both in measures.items()]
    doubts = [*others, *_doubts(old_cell, new_cell, slower)]
    return Pair(new_cell["name"], changes, list(_totals(old_cell, new_cell)), doubts)


def _slower(old_cell, new_cell):
    """By how much the machine itself was slower, relative, going by a fixed piece of work."""
    return new_cell["summary"]["yardstick_ns"]["median"] / old_cell["summary"]["yardstick_ns"]["median"] - 1


def _measures(old_cell, new_cell):
    """{name: (old, new)} of what takes time, one number a process: stages by frame, and the cold start."""
    paced = old_cell["cell"]["mode"] != "closed"
    skipped = {"wait", "rest"} | (set() if paced else {"latency"})  # queueing, not work, where nobody sets the pace
    sides = [[run for run in cell["runs"] if len(run["samples"]["work"])] for cell in (old_cell, new_cell)]
    crowds = common_crowds([run for runs in sides for run in runs])
    found = {name: [units(runs, name, crowds) for runs in sides] for name in MEASURES if name not in skipped}
    found["cold start"] = [np.array([run["moments"]["first_ns"] - run["spawned_ns"] for run in runs]) for runs in sides]
    return {name: both for name, both in found.items() if all((side > 0).all() for side in both)}


def _change(name, old, new, level, floors):
    ratio, low, high = bootstrap.ratio_interval(old, new, level)
    return Change(name, bootstrap.centre(old), bootstrap.centre(new), ratio, low, high,
                  low > floors[0] and ratio > floors[1])


def _totals(old_cell, new_cell):
    """What is counted over a whole run, of both."""
    for name, read in _TOTALS.items():
        values = [read(cell["summary"]) for cell in (old_cell, new_cell)]
        if all(jsonfile.is_number(value) and value > 0 for value in values):
            yield name, *values
    olds = {row["name"]: row["above_idle_uj"] for row in old_cell.get("energy", ())}
    for row in new_cell.get("energy", ()):
        if row["name"] in olds:
            yield f"mJ above idle, {row['name']}", olds[row["name"]] / 1000, row["above_idle_uj"] / 1000


def _differences(old_cell, new_cell, old, new):
    """What else was another one than then, one line each."""
    for what in ("name", "cores", "kernel", "governors", "python", "priority"):
        if old["machine"].get(what) != new["machine"].get(what):
            yield f"{what}: {old['machine'].get(what)} then, {new['machine'].get(what)} now"
    if old_cell.get("package") != new_cell.get("package"):
        yield f"package: {old_cell.get('package')} then, {new_cell.get('package')} now"
    if old_cell["model_sha256"] != new_cell["model_sha256"]:
        yield "the model's files are not the same"


def _doubts(old_cell, new_cell, slower):
    """What makes two records of the same thing hard to compare, one line each."""
    if min(len(old_cell["runs"]), len(new_cell["runs"])) < 2:
        yield "a single process does not show what differs from start to start, so nothing is called a regression"
    for when, cell in (("then", old_cell), ("now", new_cell)):
        if any(doubt["spoils"] == "all" for doubt in cell["doubts"]):
            yield f"what was measured {when} is not trustworthy by itself"
    if abs(slower) > _MOST_SLOWER:
        yield f"the machine itself was {abs(slower):.1%} {'slower' if slower > 0 else 'faster'} now than then"


def render(pairs, path):
    """The comparison as text."""
    lines = [f"against {path}"]
    for pair in pairs:
        lines += ["", f"{pair.name:22}{'then ms':>10}{'now ms':>10}{'change':>9}{'interval':>20}"]
        lines += [_line(change) for change in pair.changes]
        lines += [f"{name[:31]:31}{old:>11.2f} ->{new:>9.2f}{_share(old, new)}" for name, old, new in pair.totals]
        lines += [f"  DOUBT: {doubt}" for doubt in pair.doubts]
        lines += ["", _verdict(pair)]
    return "\n".join(lines) + "\n"


def _line(change):
    words = {"work": "frame, all its work", "latency": "capture to sink", "network": "network alone"}
    mark = "  REGRESSION" if change.is_regression else "  faster" if change.high < 1 else ""
    around = "unknown" if math.isnan(change.low) else f"{change.low - 1:+.1%} to {change.high - 1:>+6.1%}"
    return (f"{words.get(change.name, change.name):22}{change.old / 1e6:>10.3f}{change.new / 1e6:>10.3f}"
            f"{change.ratio - 1:>+9.1%}{around:>21}{mark}")


def _share(old, new):
    return f"{new / old - 1:>+9.1%}" if old > 0 else ""


def _verdict(pair):
    """One line: what is slower, or how small a change this pair could have shown."""
    worse = [change.name for change in pair.changes if change.is_regression]
    if worse:
        return f"verdict: REGRESSION in {', '.join(worse)}" + ("; see the doubts" if pair.doubts else "")
    seen = next(((change.high - change.low) / 2 for change in pair.changes if change.name == "work"), math.nan)
    if math.isnan(seen):
        return "verdict: no regression"
    more = "; more --processes see less" if seen > _MOST_SLOWER else ""
    return f"verdict: no regression; a frame's change would show from {seen:.1%} on{more}"
