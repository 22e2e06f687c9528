"""The record of a run: one JSON object with all that was seen, schemas/bench-1.schema.json; `reading` reads it."""

import json
from datetime import datetime, timezone

import edgepose
from edgepose import model
from edgepose.bench import energy, heat, honesty, load, packing, summary, surroundings
from edgepose.bench.sampler import TICKS_PER_S
from edgepose.errors import ModelError
from edgepose.sinks.paths import sink_error

SCHEMA = "edgepose.bench/1"


def build(session, command):
    """The record of a Session that has measured."""
    sampler, about = session.sampler, surroundings.describe(session.vitals)
    whole = {"schema": SCHEMA, "edgepose": edgepose.__version__, "command": command,
             "date": datetime.now(timezone.utc).isoformat(timespec="seconds"), "machine": about,
             "options": _options(session.options), "was_cut": session.was_cut, "idle_ns": list(session.idle),
             "timeline": _timeline(sampler.rows), "power": [_trace(trace) for trace in sampler.traces],
             "events": [{"t_ns": t_ns, "text": text} for t_ns, text in sampler.events], "cells": []}
    for number, cell in enumerate(session.cells):
        whole["cells"].append(_cell(session, number, cell, about))
    return whole


def _options(options):
    names = ("seconds", "processes", "warm_up_s", "idle_s", "gap_s", "seed", "cpus", "slow")
    return {name: getattr(options, name) for name in names}


def _cell(session, number, cell, about):
    """One cell: what it was, the numbers, what speaks against them, and the samples."""
    runs = [run for run in session.runs[number] if len(run["samples"]["work"])]
    found = {"cell": cell.key(), "name": cell.name, "model_sha256": _hashes(cell.model), "runs": []}
    if number in session.probes:
        found["probes"] = session.probes[number]
    if not runs:
        return found | {"error": str(session.faults.get(number, "no frame was measured")), "doubts": []}
    numbers = summary.summarise(runs, cell)
    doubts = [*honesty.check_samples(numbers, runs), *_surrounding_doubts(session, runs, about),
              *honesty.check_run(session.was_cut, runs[0]["kernels"], numbers["frames"])]
    return found | {"error": None, "package": runs[0]["package"], "kernels": runs[0]["kernels"], "summary": numbers,
                    "energy": energy.of_cell(session.sampler.traces, runs, session.idle),
                    "doubts": [doubt._asdict() for doubt in doubts], "runs": [_run(run) for run in runs]}


def _surrounding_doubts(session, runs, about):
    sampler = session.sampler
    spans = [(run["moments"]["begin_ns"], run["moments"]["end_ns"]) for run in runs]
    rows = [row for row in sampler.rows if any(begin <= row["t_ns"] <= end for begin, end in spans)]
    loads = [_load(sampler.rows, span, run["counts"]["cpu_ns"]) for span, run in zip(spans, runs)]
    loads.append(_load(sampler.rows, session.idle, 0))
    return [*honesty.check_machine(about), *honesty.check_load([found for found in loads if found], about["cores"]),
            *heat.check(sampler, session.vitals, rows, about["virtual"]),
            *honesty.check_power(sampler.traces, energy.missing(sampler.traces, runs, session.idle))]


def _load(rows, span, cpu_ns):
    found = load.between(rows, *span, TICKS_PER_S)
    return found and found | {"ours": cpu_ns / (span[1] - span[0])}


def _run(run):
    kept = ("moments", "counts", "memory", "was_cut", "yardstick_ns", "spawned_ns", "started_ns", "imported_ns",
            "warm_up")
    return {name: run[name] for name in kept} | {"samples": run["packed"]}


def _hashes(name):
    try:
        return sorted(file.sha256 for file in model.load(name).files)
    except ModelError:
        return []


def _timeline(rows):
    """Time, busy ticks, clock and heat of every look, packed; a clock or heat that nobody tells is 0."""
    busy = [sum(ticks for kind, ticks in row["cpu"].items() if kind not in ("idle", "iowait", "steal")) for row in rows]
    columns = {"t_ns": ([row["t_ns"] for row in rows], "<i8"), "busy_ticks": (busy, "<i8"),
               "steal_ticks": ([row["cpu"].get("steal", 0) for row in rows], "<i8"),
               "mhz": ([row.get("mhz", 0) for row in rows], "<u4"),
               "max_mc": ([row.get("max_mc", 0) for row in rows], "<i8")}
    return {name: packing.pack(values, dtype) for name, (values, dtype) in columns.items()}


def _trace(trace):
    return trace.table() | {"t_ns": packing.pack(trace.t_ns, "<i8"), "values": packing.pack(trace.values, "<i8")}


def write(whole, path):
    """Write a record; SinkError where it cannot be written."""
    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(whole, file, ensure_ascii=False, indent=1)
            file.write("\n")
    except OSError as error:
        raise sink_error(path, error) from error
