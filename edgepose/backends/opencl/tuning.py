"""Chooses each layer's Shape by timing it on the device; what was measured once is kept in the user's cache."""

import time

from edgepose.backends.opencl import executor, kept, shapes
from edgepose.errors import BackendError

N_RUNS = 3
HANDICAP = 1.15  # of all but the first that builds: each further program costs start-up, and clocks are noisy
BUDGET_S = 8.0  # no further candidate is begun after it; each costs a compilation


def choose(device, plan, family, about):
    """[Shape of every layer] for a device of pyopencl.

    Parameters
    ----------
    plan : Plan
    family : "cpu" or "gpu"
    about : dict of str, all that the measurement depends on

    Raises
    ------
    BackendError : the driver builds none of the candidates
    """
    dense = shapes.candidates(family, device.extensions)
    known = kept.recall(about, {*dense, shapes.OTHERS[family]}, len(plan.layers))
    if known is None:
        known = measure(device, plan, family, dense)
        kept.keep(about, known)
    return known


def measure(device, plan, family, dense, clock=time.perf_counter):
    """[Shape of every layer]: for each dense convolution, the quickest of the candidates.

    BackendError where the driver builds none of them; one that does not build drops out.
    """
    running = _load(device, plan, family, dense, clock)
    return [_quickest(running, number) if layer.kind == "convolution" else shapes.OTHERS[family]
            for number, layer in enumerate(plan.layers)]


def _load(device, plan, family, dense, clock):
    """{Shape: Executor} of the candidates that build."""
    start, running, fault = clock(), {}, None
    for shape in dense:
        if running and clock() - start > BUDGET_S:
            break
        try:
            running[shape] = executor.load(device, plan, shapes.everywhere(plan, family, shape))
        except BackendError as error:
            fault = fault or error
    if not running:
        raise fault
    return running


def _quickest(running, number):
    """The Shape that is quickest for a layer; they take turns, so that a slow moment of the machine hits all alike."""
    times = dict.fromkeys(running, float("inf"))
    for _ in range(1 + N_RUNS):  # the first compiles
        for shape in running:
            times[shape] = min(times[shape], running[shape].time_layer(number, 1))
    first = next(iter(times))
    return min(times, key=lambda shape: times[shape] * (1 if shape is first else HANDICAP))
