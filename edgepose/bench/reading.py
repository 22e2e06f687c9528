"""Reading a record that somebody wrote, or damaged: every fault is one line that names the file and the place."""

from edgepose.bench import packing
from edgepose.bench.record import SCHEMA
from edgepose.bench.summary import MEASURES
from edgepose.errors import ConfigError
from edgepose.evaluate import jsonfile

#: What a part of a record must hold to be compared: {key: type}.
_WHOLE = {"machine": dict, "date": str, "cells": list}
_CELL = {"cell": dict, "name": str, "model_sha256": list, "doubts": list, "runs": list}
_SETTING = {"model": str, "backend": str, "threads": int, "settings": dict, "mode": str, "sources": list}
_RUN = {"moments": dict, "samples": dict, "spawned_ns": int}


def read(path):
    """A record that was written; ConfigError in one line where it is none, is damaged, or of another version."""
    whole = jsonfile.parse(jsonfile.read(path), path)
    schema = whole.get("schema") if isinstance(whole, dict) else None
    if schema != SCHEMA:
        raise ConfigError(f"{path}: schema: {schema!r} is not {SCHEMA!r}; make it anew with edgepose bench --json")
    return check(whole, path)


def check(whole, path):
    """The record with its samples unpacked. ConfigError names the place where something is missing or damaged."""
    _need(whole, _WHOLE, path)
    for number, cell in enumerate(whole["cells"]):
        where = f"{path}: cells[{number}]"
        _need(cell, _CELL, where)
        _need(cell["cell"], _SETTING, f"{where}.cell")
        if not cell.get("error"):
            _check_measured(cell, where)
    return whole


def _check_measured(cell, where):
    """A cell that holds numbers."""
    _need(cell, {"package": str, "summary": dict, "energy": list}, where)
    for place, row in enumerate(cell["energy"]):
        _need(row, {"name": str, "above_idle_uj": int}, f"{where}.energy[{place}]")
    _need(cell["summary"], {"yardstick_ns": dict, "memory": dict, "cpu_ns": int}, f"{where}.summary")
    _need(cell["summary"]["memory"], {"peak_bytes": int}, f"{where}.summary.memory")
    _need_positive(cell["summary"]["yardstick_ns"], "median", f"{where}.summary.yardstick_ns")
    for place, doubt in enumerate(cell["doubts"]):
        _need(doubt, {"code": str, "spoils": str, "text": str}, f"{where}.doubts[{place}]")
    if not cell["runs"]:
        raise ConfigError(f"{where}.runs: is empty; make it anew with edgepose bench --json")
    for place, run in enumerate(cell["runs"]):
        _check_run(run, f"{where}.runs[{place}]")


def _check_run(run, where):
    _need(run, _RUN, where)
    _need(run["moments"], {"first_ns": int, "begin_ns": int, "end_ns": int}, f"{where}.moments")
    _need(run["samples"], dict.fromkeys((*MEASURES, "done", "n_people"), dict), f"{where}.samples")
    run["samples"] = {name: packing.unpack(table, f"{where}.samples.{name}") for name, table in run["samples"].items()}
    if len({len(values) for values in run["samples"].values()}) != 1 or not len(run["samples"]["work"]):
        raise ConfigError(f"{where}.samples: not the same number of frames everywhere, or none")
    start = {"cold start": run["moments"]["first_ns"] - run["spawned_ns"]}
    _need_positive(start, "cold start", where)


def _need(table, kinds, where):
    """ConfigError unless a table holds all keys, each of its type."""
    for key, kind in kinds.items():
        value = table.get(key) if isinstance(table, dict) else None
        if type(value) is not kind:
            raise ConfigError(f"{where}: {key} is {jsonfile.brief(value)}; make it anew with edgepose bench --json")


def _need_positive(table, key, where):
    if not jsonfile.is_number(table.get(key)) or table[key] <= 0:
        raise ConfigError(f"{where}: {key} is {jsonfile.brief(table.get(key))}, no time; make it anew with edgepose"
                          " bench --json")


def unpack_in_place(whole):
    """The record of this run, its samples unpacked."""
    for cell in whole["cells"]:
        for run in cell["runs"]:
            run["samples"] = {name: packing.unpack(table, name) for name, table in run["samples"].items()}
    return whole
