"""Outcomes of measuring processes as tests make them up."""

import numpy as np

from edgepose.bench.stamps import STAGES

MS, S = 1_000_000, 1_000_000_000
#: What each stage takes, ms, unless a test says otherwise.
USUAL = {"source": 0.5, "letterbox": 0.6, "wait": 20.0, "network": 10.0, "decode": 0.08, "rest": 0.05, "sink": 0.1}


def run(rng, n=400, begin_s=10, noise=0.02, people=1, slower=1.0, **stages):
    """One process's outcome, its samples unpacked: n frames, each stage's time scattered around its usual one."""
    speed = slower * (1 + rng.normal(0, 0.003))  # processes differ a little
    samples = {name: (MS * stages.get(name, USUAL[name]) * speed * rng.normal(1, noise, n)).astype(np.int64)
               for name in STAGES}
    samples["work"] = sum(samples[name] for name in STAGES if name != "wait")
    samples["latency"] = samples["work"] + samples["wait"]
    begin = begin_s * S
    samples["done"] = begin + np.cumsum(samples["work"])
    samples["n_people"] = np.full(n, people)
    samples["n_looks"] = np.ones(n, np.int64)
    end = int(samples["done"][-1]) if n else begin + S
    counts = {"published": n, "taken": n, "dropped": 0, "gaps": 0, "broken": 0, "rewinds": 2, "rewind_ns": 12 * MS,
              "cpu_ns": int(end - begin), "major_faults": 0, "preempted": 5}
    moments = {"source_ns": begin - S, "loaded_ns": begin - 8 * S // 10, "first_ns": begin - 7 * S // 10,
               "begin_ns": begin, "end_ns": end}
    return {"samples": samples, "moments": moments, "counts": counts, "was_cut": False, "kernels": "compiled",
            "memory": {"peak_bytes": 80 << 20, "growth_bytes": 1 << 19, "table_bytes": 1 << 18, "end_bytes": 80 << 20},
            "yardstick_ns": [400_000, 402_000], "spawned_ns": begin - 15 * S // 10, "started_ns": begin - 14 * S // 10,
            "imported_ns": begin - 12 * S // 10, "package": "made up 1.0", "warm_up_frames": 30}


def runs(rng, n_processes=5, **more):
    """The outcomes of several processes, one after the other."""
    return [run(rng, begin_s=10 + 10 * place, **more) for place in range(n_processes)]
