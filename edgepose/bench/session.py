"""Measures cells: idle first, then every process in shuffled order, then the sums."""

import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from time import monotonic_ns

from edgepose.bench import cameras, meters, packing, plan, record
from edgepose.bench.child import Child
from edgepose.bench.sampler import Sampler
from edgepose.errors import EdgePoseError
from edgepose.power import pulse

PERIOD_S = 0.2
_LAST_LOOK_S = 0.3  # so that the sensors' traces reach over the end


class Session:
    """One call of `edgepose bench`.

    Parameters
    ----------
    cells : list of plan.Cell
    options : namespace with `seconds`, `processes`, `warm_up_s`, `idle_s`, `gap_s`, `seed`, `cpus`, `slow`
    vitals : Vitals
    readers : power readers, open; closed here
    report : callable of one line
    bar : has `update`, told of every process that is done

    Attributes
    ----------
    runs : [[outcome, ...] of each cell], samples unpacked
    faults : {number of a cell: the error that it met}
    probes : {number of a cell: trials with numbers of cameras, as dicts}
    was_cut : bool, the user ended it
    """

    def __init__(self, cells, options, vitals, readers, report, bar):
        self.cells, self.options, self.vitals, self._report, self._bar = cells, options, vitals, report, bar
        self._late = [reader for reader in readers if hasattr(reader, "readings")]
        self.sampler = Sampler(vitals, [reader for reader in readers if reader not in self._late])
        self.runs, self.faults, self.probes = [[] for _ in cells], {}, {}
        self.was_cut, self.idle, self._edges = False, (0, 0), []

    def measure(self):
        """Run everything; what there is when the user ends it is kept. EdgePoseError where a lone cell breaks."""
        with ExitStack() as opened, suppress(KeyboardInterrupt):
            opened.callback(self._close)
            self.was_cut = True
            self._rest()
            for cell, _ in plan.order(self.cells, self.options.processes, self.options.seed):
                self._turn(cell)
                self._bar.update()
            self.was_cut = False

    def find_cameras(self):
        """As `measure`, but every cell is tried with more and fewer cameras until it is known how many it holds."""
        with ExitStack() as opened, suppress(KeyboardInterrupt):
            opened.callback(self._close)
            self.was_cut = True
            self._rest()
            for number, cell in enumerate(self.cells):
                trials = []
                try:
                    cameras.find(cell, self.run, self._report, trials)
                finally:
                    self._keep_trials(number, cell, trials)
                self._bar.update()
            self.was_cut = False

    def _keep_trials(self, number, cell, trials):
        """The most cameras that were held are what the cell stands for, or where none was, the fewest."""
        held = max((probe.n_cameras for probe, _ in trials if probe.holds), default=0)
        shown = held or min((probe.n_cameras for probe, _ in trials), default=0)
        self.cells[number] = replace(cell, n_cameras=held)
        self.probes[number] = [probe._asdict() for probe, _ in trials]
        self.runs[number] = [outcome for probe, outcome in trials if probe.n_cameras == shown]

    def _rest(self):
        """The idle baseline, and the pulse for meters with a clock of their own."""
        self.sampler.tick()  # so that the traces reach over the beginning
        begin = monotonic_ns()
        self.watch(self.options.idle_s)
        self.idle = begin, monotonic_ns()
        if self._late:
            self._edges = pulse.emit()

    def watch(self, seconds):
        """Do nothing but watch the machine for so long."""
        end = time.monotonic() + seconds
        while True:
            self.sampler.tick()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(PERIOD_S, left))

    def _turn(self, number):
        """One process of a cell, unless an earlier one has shown that it cannot run."""
        if number in self.faults:
            return
        self.watch(self.options.gap_s)
        try:
            self.runs[number].append(self.run(self.cells[number]))
        except EdgePoseError as fault:
            if len(self.cells) == 1:
                raise
            self.faults[number] = fault
            self._report(f"{self.cells[number].name}: left out: {fault}")

    def run(self, cell, seconds=None):
        """The outcome of one process, its samples unpacked. EdgePoseError, KeyboardInterrupt."""
        options = self.options
        seconds = seconds or options.seconds / options.processes
        task = plan.Task(cell, seconds, options.warm_up_s, tuple(options.cpus), options.slow)
        with Child(task) as child:
            try:
                outcome = child.wait(self.sampler.tick, PERIOD_S)
            except KeyboardInterrupt:
                child.stop()
                outcome = child.wait(self.sampler.tick, PERIOD_S)
                if cell in self.cells:
                    self.runs[self.cells.index(cell)].append(unpacked(outcome))
                raise
        return unpacked(outcome)

    def _close(self):
        with suppress(KeyboardInterrupt):
            self.watch(_LAST_LOOK_S)
        self.sampler.close()
        for meter in self._late:
            self.sampler.traces.append(meters.late_trace(meter, self._edges))

    def record(self, command):
        """Everything as one JSON object; see `record.build`."""
        return record.build(self, command)


def unpacked(outcome):
    """An outcome whose samples are arrays again; the packed ones stay beside them for the record."""
    samples = {name: packing.unpack(table, f"samples.{name}") for name, table in outcome["samples"].items()}
    return outcome | {"samples": samples, "packed": outcome["samples"],
                      "warm_up_frames": outcome["warm_up"]["work"]["n"]}
