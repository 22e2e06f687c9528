"""OpenVINO's own counters: `PERF_COUNT`, and what an inference request says of each node afterwards."""

import numpy as np

from edgepose.backends.openvino import OpenvinoBackend


class _Counting(OpenvinoBackend):
    """The backend as it always is, with its counters on."""

    def _settings(self):
        return super()._settings() | {"PERF_COUNT": True}

    def counters(self):
        """[(name, kind, ns), ...] of the nodes that the last frame ran, in order."""
        return [(node.node_name, f"{node.node_type} ({node.exec_type})", round(node.real_time.total_seconds() * 1e9))
                for node in self._request.get_profiling_info() if node.status.name == "EXECUTED"]


def profile(cell, model, slots, n_frames):
    """See `profile.PROFILERS`; medians over the frames."""
    backend = _Counting(threads=cell.threads, **cell.settings)
    backend.open(model, None)
    rows = []
    for n in range(n_frames):
        backend.infer(slots[n % len(slots)])
        rows.append(backend.counters())
    backend.close()
    medians = np.median([[ns for _, _, ns in row] for row in rows], axis=0)
    return [{"name": name, "type": kind, "ns": int(ns)} for (name, kind, _), ns in zip(rows[0], medians)]
