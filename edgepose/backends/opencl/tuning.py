"""Each layer's Shape: the one that was measured before, else the shipped one with the device's best inner product."""

import statistics
import time
from dataclasses import dataclass, replace

import numpy as np

from edgepose.backends.opencl import executor, kept, shapes
from edgepose.errors import BackendError

N_RUNS = 5
HANDICAP = 1.1  # of all but the first that builds: each further program costs start-up, and clocks are noisy
PROBE_S = 4.0  # a first start begins with no further inner product after it; each costs a compilation
N_FRAMES = 20


@dataclass(frozen=True)
class Tuned:
    """Median times of the whole network, ms, with the shipped table and with what was measured."""

    shipped_ms: float
    tuned_ms: float


def choose(device, plan, family, about):
    """[Shape of every layer] for a device of pyopencl, of a model that may have been tuned.

    Parameters
    ----------
    plan : Plan
    family : "cpu" or "gpu"
    about : dict of str, all that a measurement depends on; without "model" and "sha256", what one of the device does

    Raises
    ------
    BackendError : the driver builds none of the candidates
    """
    known = kept.recall(about, len(plan.layers))
    if known and all(shapes.is_allowed(shape, family, layer.kind) for shape, layer in zip(known, plan.layers)):
        return known
    return shipped(device, plan, family, about)


def shipped(device, plan, family, about, clock=time.perf_counter):
    """[Shape of every layer] of the shipped table, with the inner product that is quickest on the device.

    That is timed once for a device, with the first model that runs on it: on the layer with most products.
    """
    dense, device_about = shapes.shipped(family, device.extensions), _of_device(about)
    known = kept.recall(device_about, 1)
    if not known or known[0] not in dense:
        numbers = [number for number, layer in enumerate(plan.layers) if layer.kind == "convolution"]
        if not numbers:
            return shapes.everywhere(plan, family, dense[0])
        known = [_probe(device, _part(plan, max(numbers, key=lambda n: plan.layers[n].n_products)), dense, clock)]
        _keep(device_about, known)
    return shapes.everywhere(plan, family, known[0])


def tune(device, plan, family, about, step):
    """Measure every layer of a model with every candidate, and keep the quickest for later starts.

    Parameters
    ----------
    step : callable, told after each of the plan's layers

    Returns
    -------
    Tuned; where the shipped table is no slower as a whole, it stays

    Raises
    ------
    BackendError : the driver builds none of the candidates
    OSError : the result cannot be kept
    """
    before, after, running = shipped(device, plan, family, about), [], executor.prepare(device)
    for number, layer in enumerate(plan.layers):
        candidates = shapes.candidates(family, layer.kind, device.extensions)
        candidates = [before[number], *(shape for shape in candidates if shape != before[number])]
        best = _quickest(running, _part(plan, number), candidates)
        after.append(_quickest(running, _part(plan, number), [best, *shapes.regrouped(family, layer.kind, best)]))
        step()
    times = _time_frames([executor.on(running, plan, chosen) for chosen in (before, after)], plan)
    kept.keep(about, after if times[1] < times[0] else before)
    return Tuned(times[0], min(times))


def _probe(device, part, dense, clock):
    """The Shape of the quickest inner product; one that does not build drops out."""
    start, running, entered, fault = clock(), executor.prepare(device), {}, None
    for shape in dense:
        if entered and clock() - start > PROBE_S:
            break
        fault = _enter(entered, running, part, shape) or fault
    return _race(entered, fault)


def _quickest(running, part, candidates):
    """The quickest Shape of a part that is one layer."""
    if len(candidates) == 1:
        return candidates[0]
    entered, fault = {}, None
    for shape in candidates:
        fault = _enter(entered, running, part, shape) or fault
    return _race(entered, fault)


def _enter(entered, running, part, shape):
    """Let a candidate take part if it can be built and run; else the reason."""
    try:
        entered[shape] = executor.on(running, part, [shape])
    except BackendError as error:
        return error
    except running[0].Error as error:  # such as a group that is too large for the device
        return BackendError(f"{shape} does not run: {error}")


def _race(entered, fault):
    """The quickest; they take turns, so that a slow moment of the machine hits all alike."""
    if not entered:
        raise fault
    times = dict.fromkeys(entered, float("inf"))
    for _ in range(N_RUNS):
        for shape, running in entered.items():
            times[shape] = min(times[shape], running.time_layer(0, 1))
    first = next(iter(times))
    return min(times, key=lambda shape: times[shape] * (1 if shape is first else HANDICAP))


def _time_frames(executors, plan):
    """[median ms of a frame], in turns."""
    image = np.zeros((plan.input.height, plan.input.width, plan.input.channels), np.uint8)
    times = [[] for _ in executors]
    for _ in range(N_FRAMES):
        for running, taken in zip(executors, times):
            start = time.perf_counter_ns()
            running.run(image)
            taken.append((time.perf_counter_ns() - start) / 1e6)
    return [statistics.median(taken) for taken in times]


def _part(plan, number):
    """A Plan of one of the layers, in the same arena."""
    return replace(plan, layers=[plan.layers[number]])


def _of_device(about):
    return {name: value for name, value in about.items() if name not in ("model", "sha256")}


def _keep(about, chosen):
    """Keep for later starts; where that cannot be, every start measures."""
    try:
        kept.keep(about, chosen)
    except OSError:  # `edgepose doctor` tells of a cache that cannot be written
        pass
