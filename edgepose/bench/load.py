"""How busy the machine was between two moments, and with whose work."""

import numpy as np

_BUSY = ("user", "nice", "system", "irq", "softirq")


def between(rows, begin_ns, end_ns, ticks_per_s):
    """Cores that were busy, and cores that another guest had, from a Sampler's rows.

    Parameters
    ----------
    rows : list of {"t_ns", "cpu": {kind: ticks so far}}
    begin_ns, end_ns : moments; what lies between two looks is taken as even
    ticks_per_s : int, of the kernel's accounts

    Returns
    -------
    {"busy", "steal"} in cores (1.0 is one core all the time), or None where the kernel keeps no accounts
    """
    rows = [row for row in rows if row["cpu"]]
    if len(rows) < 2 or end_ns <= begin_ns:
        return None
    t_ns, seconds = [row["t_ns"] for row in rows], (end_ns - begin_ns) / 1e9
    spent = {kind: np.diff(np.interp([begin_ns, end_ns], t_ns, [row["cpu"].get(kind, 0) for row in rows]))[0]
             for kind in (*_BUSY, "steal")}
    cores = {kind: ticks / ticks_per_s / seconds for kind, ticks in spent.items()}
    return {"busy": round(sum(cores[kind] for kind in _BUSY), 3), "steal": round(cores["steal"], 3)}
