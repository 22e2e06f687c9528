"""The numbers of a cell, made of the samples of its processes."""

import statistics

import numpy as np

from edgepose.bench import bootstrap, quantiles
from edgepose.bench.stamps import STAGES
from edgepose.bench.units import CROWDS, common_crowds, in_crowd, units

#: What is summed up of every frame: the stages, the work of all of them, capture to sink.
MEASURES = (*STAGES, "work", "latency")
_QUANTILES_APART = ("decode", "rest", "sink", "work")


def summarise(runs, cell):
    """What a cell's processes saw, as one dict of plain values, times in ns.

    Parameters
    ----------
    runs : list of outcomes of `work.measure` whose `samples` are unpacked to arrays; at least one
    cell : plan.Cell
    """
    pooled = {name: np.concatenate([run["samples"][name] for run in runs]) for name in runs[0]["samples"]}
    n_frames = len(pooled["work"])
    out = {"n_frames": n_frames, "n_processes": len(runs),
           "times_ns": {name: _measure(name, runs, pooled) for name in MEASURES},
           "people": {crowd: _crowd(pooled, crowd) for crowd in CROWDS},
           "looks": _looks(pooled), "throughput_hz": _median(runs, _throughput), "frames": _frames(runs),
           "cpu_ns": _ratio(runs, lambda run: run["counts"]["cpu_ns"]),
           "memory": _memory(runs), "start_ns": _starts(runs), "yardstick_ns": _yardsticks(runs)}
    if cell.fps:
        out["late"] = _late(pooled["latency"], cell.fps)
    return out


def _measure(name, runs, pooled):
    found = quantiles.describe(pooled[name]) | {"histogram": quantiles.histogram(pooled[name])}
    typical = units(runs, name, common_crowds(runs))
    limits = bootstrap.interval(typical) if (typical > 0).all() else None
    return found | {"p50_interval": [round(limit) for limit in limits]} if limits else found


def _crowd(pooled, crowd):
    """The frames with so many people; what they do to the time lies behind the network."""
    chosen = in_crowd(pooled["n_people"], crowd)
    return {"n": int(chosen.sum())} | {name: quantiles.describe(pooled[name][chosen]) for name in _QUANTILES_APART}


def _looks(pooled):
    """How often the network ran for a frame, on the average, and what one time took, median ns."""
    n_looks = np.maximum(pooled["n_looks"], 1)
    return {"mean": round(float(np.mean(pooled["n_looks"])), 3),
            "p50_ns": round(float(np.median(pooled["network"] / n_looks)))}


def span_ns(run):
    """How long a process measured, ns."""
    return run["moments"]["end_ns"] - run["moments"]["begin_ns"]


def _throughput(run):
    return len(run["samples"]["work"]) / span_ns(run) * 1e9


def _median(runs, value):
    return statistics.median(map(value, runs))


def _ratio(runs, value):
    """A count of all processes for each frame, or None without frames."""
    n_frames = sum(len(run["samples"]["work"]) for run in runs)
    return round(sum(map(value, runs)) / n_frames) if n_frames else None


def _frames(runs):
    """What became of all frames; gaps are those that the camera itself lost."""
    names = ("published", "dropped", "gaps", "broken", "rewinds")
    found = {name: sum(run["counts"][name] for run in runs) for name in names}
    return found | {"warm_up": sum(run["warm_up_frames"] for run in runs)}


def _memory(runs):
    """Bytes: the largest peak and growth of any process, without the harness's own table, and that."""
    table = max(run["memory"]["table_bytes"] for run in runs)
    return {"peak_bytes": max(run["memory"]["peak_bytes"] for run in runs) - table,
            "growth_bytes": max(run["memory"]["growth_bytes"] for run in runs), "table_bytes": table}


def _starts(runs):
    """From the start of the process to the first pose, and its parts; median, least and greatest, ns."""
    moments = ({"spawn": run["spawned_ns"], "imported": run["imported_ns"], **run["moments"]} for run in runs)
    rows = [{"first_pose": m["first_ns"] - m["spawn"], "imports": m["imported"] - m["spawn"],
             "source": m["source_ns"] - m["imported"], "load": m["loaded_ns"] - m["source_ns"],
             "first_frame": m["first_ns"] - m["loaded_ns"]} for m in moments]
    return {name: {"median": round(statistics.median(row[name] for row in rows)),
                   "least": min(row[name] for row in rows), "greatest": max(row[name] for row in rows)}
            for name in rows[0]}


def _yardsticks(runs):
    """The machine's own speed: time of a fixed piece of work, before and after each process's frames."""
    times = [time for run in runs for time in run["yardstick_ns"]]
    return {"median": round(statistics.median(times)), "least": min(times), "greatest": max(times)}


def _late(latency, fps):
    """Frames that reached the sink after the next one was due."""
    return {"deadline_ns": round(1e9 / fps), "n": int((latency > 1e9 / fps).sum())}
