"""Where a network's time goes, operation by operation, from each backend's own profiler.

A profiler takes time itself, and a runtime's C interface may not be what we take it for, so it runs in a process of its
own and its sum stands beside the time of the same network without it.
"""

import importlib
import statistics
import textwrap
from time import monotonic_ns

from edgepose import backends, model
from edgepose.backends import choice
from edgepose.bench import plan
from edgepose.bench.child import Child
from edgepose.errors import ConfigError

#: What profiles a backend: `profile(cell, model, slots, n_frames)` gives [{"name", "type", "ns"}, ...] in order.
PROFILERS = {"tflite": "edgepose.bench.profile.tflite", "openvino": "edgepose.bench.profile.openvino",
             "opencl": "edgepose.bench.profile.opencl"}
N_FRAMES = 40
_WARM_UP, _N_SLOWEST = 5, 12


def profile(cell, n_frames=N_FRAMES):
    """{"operations": [{"name", "type", "ns"}, ...], "network_ns", "package"} of a cell's network.

    Parameters
    ----------
    cell : plan.Cell
    n_frames : int, real ones, of the clip that ships

    Raises
    ------
    ConfigError : the backend has no profiler
    BackendError, BackendUnavailable, ModelError : it cannot run the network, or its profiler broke
    """
    if cell.backend not in PROFILERS:
        raise ConfigError(f"--profile: backend {cell.backend} has no profiler; {', '.join(PROFILERS)} have")
    with Child(plan.Task(cell, profile_frames=n_frames)) as child:
        return child.wait(_nothing)


def network_alone(cell, n_frames):
    """Median time of the network alone on real frames, in this process, ns."""
    found = model.load(cell.model)
    return _without(cell, found, choice.real_slots(found), n_frames)[1]


def measure(task):
    """What the process of its own does: the network without its profiler, then with it."""
    cell, found = task.cell, model.load(task.cell.model)
    slots = choice.real_slots(found)
    package, network_ns = _without(cell, found, slots, task.profile_frames)
    profiler = importlib.import_module(PROFILERS[cell.backend])
    return {"operations": profiler.profile(cell, found, slots, task.profile_frames), "network_ns": network_ns,
            "package": package}


def _without(cell, found, slots, n_frames):
    """(package, median of a frame in ns) of the backend as it always runs."""
    backend, times = backends.create(cell.backend, threads=cell.threads, **cell.settings), []
    backend.open(found, None)
    for n in range(n_frames + _WARM_UP):
        begun = monotonic_ns()
        backend.infer(slots[n % len(slots)])
        times.append(monotonic_ns() - begun)
    backend.close()
    return backend.package, int(statistics.median(times[_WARM_UP:]))


def _nothing():
    """Nothing to watch."""


def render(found, cell):
    """The profile as text, at most 99 columns: by kind of operation, and the slowest ones."""
    operations = found["operations"]
    total = sum(operation["ns"] for operation in operations) or 1
    lines = [*textwrap.wrap(f"{cell.name} ({found['package']}), real frames", 99, subsequent_indent="  "), "",
             f"{'kind of operation':64}{'count':>7}{'ms':>10}{'share':>9}"]
    lines += [f"{kind[:63]:64}{n:>7}{ns / 1e6:>10.3f}{ns / total:>9.1%}" for kind, n, ns in _by_kind(operations)]
    lines += ["", f"{f'the {_N_SLOWEST} slowest':71}{'ms':>10}{'share':>9}"]
    slowest = sorted(operations, key=lambda operation: -operation["ns"])[:_N_SLOWEST]
    lines += [f"{_label(operation)[:70]:71}{operation['ns'] / 1e6:>10.3f}{operation['ns'] / total:>9.1%}"
              for operation in slowest]
    lines += ["", f"{len(operations)} operations, {total / 1e6:.3f} ms together; without the profiler the network takes"
                  f" {found['network_ns'] / 1e6:.3f} ms"]
    return "\n".join(lines) + "\n"


def _label(operation):
    return f"{operation['type']}  {operation['name']}"


def _by_kind(operations):
    """[(kind, how many, ns), ...], the most expensive first."""
    kinds = {}
    for operation in operations:
        n, ns = kinds.get(operation["type"], (0, 0))
        kinds[operation["type"]] = n + 1, ns + operation["ns"]
    return sorted(((kind, n, ns) for kind, (n, ns) in kinds.items()), key=lambda row: -row[2])
