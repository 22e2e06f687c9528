"""Which backend is fastest for a model on this machine: measured once, then remembered."""

import statistics
import time
from datetime import date
from functools import partial
from pathlib import Path

from edgepose import backends
from edgepose.backends import remembered
from edgepose.errors import BackendError, BackendUnavailable, ModelError, SourceError

CLIP = Path(__file__).resolve().parent.parent / "clips" / "pedestrians.mp4"
N_FRAMES = 4
WARM_UP_RUNS = 3
LEAST_RUNS, MOST_RUNS = 5, 40
BUDGET_NS = 1_000_000_000  # of all runs that count


def choose(model, names, settings, report=None):
    """The name of the fastest backend.

    Parameters
    ----------
    model : Model
    names : backends to choose from, in order of preference
    settings : dict, as `backends.create` takes them
    report : callable of one line, told what was chosen and why; or None

    Raises
    ------
    BackendError, ModelError, BackendUnavailable : none of them opens the model
    ConfigError : a setting is wrong
    """
    report = report or _nobody
    conditions = remembered.describe(model, names, settings)
    choice = remembered.recall(conditions)
    if choice is None:
        makers = {name: partial(backends.create, name, **backends.known_settings(name, settings)) for name in names}
        times, faults = measure(makers, model, real_slots(model))
        refused = {name: str(fault) for name, fault in faults.items()}
        choice = remembered.Choice(conditions, times, refused, date.today().isoformat())
        if not any(isinstance(fault, ModelError) for fault in faults.values()):  # a file can be mended
            _remember(choice, report)
    report(choice.sentence())
    return choice.backend


def measure(makers, model, slots, clock=time.perf_counter_ns):
    """How long each backend takes for a frame.

    Parameters
    ----------
    makers : {name: callable that makes the backend}
    model : Model
    slots : Slots with frames in them
    clock : callable, ns

    Returns
    -------
    {name: median, ms}, {name: the error with which it dropped out}

    Raises
    ------
    BackendError, ModelError, BackendUnavailable : the first one's fault, where all drop out
    """
    race = _Race(clock)
    try:
        for name, make in makers.items():
            race.enter(name, make, model)
        race.run(slots)
    finally:
        race.close()
    if not race.times:
        raise next(iter(race.faults.values()))
    return {name: round(statistics.median(times) / 1e6, 3) for name, times in race.times.items()}, race.faults


class _Race:
    """Backends take turns on the same frames, so that a slow moment of the machine hits them alike."""

    def __init__(self, clock):
        self._clock, self._running, self.times, self.faults = clock, {}, {}, {}

    def enter(self, name, make, model):
        """Open a backend; one that cannot drops out with its reason, and so does a fallback beside another."""
        try:
            backend = make()
            if self._running and getattr(backend, "fallback", False):
                raise BackendUnavailable("its device is a CPU, where it is a fallback")
            self._running[name] = backend
            backend.open(model, None)
            self.times[name] = []
        except (BackendUnavailable, BackendError, ModelError) as fault:
            self._drop(name, fault)

    def run(self, slots):
        """Warm up, then measure until the budget is spent, but `LEAST_RUNS` in any case."""
        for n in range(WARM_UP_RUNS):
            self._turn(slots[n % len(slots)])
        for times in self.times.values():
            times.clear()
        for n in range(MOST_RUNS):
            if n >= LEAST_RUNS and sum(map(sum, self.times.values())) > BUDGET_NS:
                return
            self._turn(slots[n % len(slots)])

    def _turn(self, slot):
        for name, backend in tuple(self._running.items()):
            start = self._clock()
            try:
                backend.infer(slot)
            except BackendError as fault:
                self._drop(name, fault)
            else:
                self.times[name].append(self._clock() - start)

    def _drop(self, name, fault):
        self.faults[name] = fault
        self.times.pop(name, None)
        if name in self._running:
            self._running.pop(name).close()

    def close(self):
        """Close those that are still running."""
        for backend in self._running.values():
            backend.close()


def real_slots(model):
    """Slots with the first frames of the clip that ships, or of a drawn figure where no video can be read."""
    try:
        return _fill(str(CLIP), model)
    except SourceError:
        return _fill("synthetic:", model)


def _fill(spec, model):
    from edgepose import sources
    from edgepose.letterbox import Letterbox
    from edgepose.ring import Slot

    letterbox, slots = Letterbox.of(model.input), []
    source = sources.open_source(spec)
    try:
        for _ in range(N_FRAMES):
            slots.append(Slot(model.input.height, model.input.width))
            letterbox.write(source.read(), slots[-1])
    finally:
        source.close()
    return slots


def _remember(choice, report):
    try:
        remembered.keep(choice)
    except OSError as error:
        report(f"cannot remember which backend is fastest, so every start measures it: {error};"
               " name one with --backend, or a writable folder in XDG_CACHE_HOME")


def _nobody(line):
    """Nobody wants to know."""
