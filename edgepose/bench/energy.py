"""Energy of a frame, above idle and in all, from what each sensor said."""

from edgepose.bench.summary import span_ns


def of_cell(traces, runs, idle):
    """[{"name", "covers", "idle_mw", "mean_mw", "frame_uj", "above_idle_uj"}] of the sensors that saw the whole cell.

    Parameters
    ----------
    traces : list of Trace; those that are stuck or ended early are left out
    runs : outcomes of the cell's processes, with frames
    idle : (begin_ns, end_ns) of the idle baseline

    Notes
    -----
    The idle baseline is power while nothing was measured, times the time that was measured: what a frame costs beyond
    a machine that is on anyway.
    """
    return [found for trace in traces if not trace.is_stuck and (found := _of_trace(trace, runs, idle))]


def missing(traces, runs, idle):
    """Names of the sensors that are sound and did not see the whole cell, or too little of the idle baseline."""
    return [trace.name for trace in traces if not (trace.is_stuck or trace.fault) and not _of_trace(trace, runs, idle)]


def _of_trace(trace, runs, idle):
    idle_mw = _idle_mw(trace, idle)
    spent = [trace.energy_uj(run["moments"]["begin_ns"], run["moments"]["end_ns"]) for run in runs]
    n_frames = sum(len(run["samples"]["work"]) for run in runs)
    if idle_mw is None or None in spent or not n_frames:
        return None
    total_uj, ms = sum(spent), sum(map(span_ns, runs)) / 1e6
    return {"name": trace.name, "covers": trace.covers, "idle_mw": round(idle_mw), "mean_mw": round(total_uj / ms),
            "frame_uj": round(total_uj / n_frames), "above_idle_uj": round((total_uj - idle_mw * ms) / n_frames)}


def _idle_mw(trace, idle):
    """Mean power of the part of the idle baseline that the sensor saw, or None where that is less than half of it."""
    if not trace.t_ns:
        return None
    begin, end = max(idle[0], trace.t_ns[0]), min(idle[1], trace.t_ns[-1])
    return trace.mean_mw(begin, end) if end - begin >= (idle[1] - idle[0]) / 2 else None
