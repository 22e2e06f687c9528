"""What a measuring process does between its first and its last frame."""

import os
from contextlib import ExitStack
from functools import partial
from time import monotonic_ns
from types import SimpleNamespace

from edgepose import backends, decoders, model, native
from edgepose.bench.camera import Camera
from edgepose.bench.crew import Crew
from edgepose.bench.packing import pack
from edgepose.bench.stamps import STAGES, Stamps
from edgepose.bench.usage import counts, yardstick
from edgepose.bench.watched import WatchedBackend, WatchedDecoder, WatchedRing, dawdle
from edgepose.process import peak_bytes, resident_bytes
from edgepose.sinks.jsonl import JsonlSink
from edgepose.track import Options, open_pipeline

_LONGEST_TURN_S = 10.0  # of a source
LEAST_FRAMES = 5  # of the warm-up and of the measurement, however slow the machine is


def measure(task):
    """Run one Task; a dict as JSON holds it. EdgePoseError where something cannot be opened or breaks."""
    stamps = Stamps(task.warm_up_s + task.seconds)
    with ExitStack() as opened:
        run = Run(task, stamps, opened)
        run.loop()
    return run.outcome()


class Run:
    """One pipeline from its opening to its last frame.

    Parameters
    ----------
    task : plan.Task
    stamps : Stamps, written
    opened : ExitStack that closes what is opened here
    """

    def __init__(self, task, stamps, opened):
        cell, self._stamps, self._slow = task.cell, stamps, task.slow
        self._task, self._moments, self._counts = task, {}, {}
        found, n = model.load(cell.model), cell.n_cameras
        turn_s = min((task.warm_up_s + task.seconds) / len(cell.sources), _LONGEST_TURN_S)
        self.cameras = [Camera(cell.sources, stamps, cell.fps, place, n, _phase(place), turn_s) for place in range(n)]
        for camera in self.cameras:
            opened.callback(camera.close)
        self._note("source_ns")
        self.backend = backends.create(cell.backend, threads=cell.threads, **cell.settings)
        decoder = decoders.create(found)
        self.pipeline = opened.enter_context(self._pipeline(found, decoder))
        self.sink = JsonlSink(opened.enter_context(open(os.devnull, "w")))
        self.sink.open(SimpleNamespace(source=self.cameras[0].name, model=found.name, backend=self.backend.name,
                                       skeleton=decoder.skeleton, fps=cell.fps, live=False))
        self._note("loaded_ns")

    def _pipeline(self, found, decoder):
        """One camera's Pipeline, or a Crew of several, every stage of it watched."""
        stamps, slow = self._stamps, self._slow
        backend = WatchedBackend(self.backend, stamps, slow.get("network", 0))
        decoder = WatchedDecoder(decoder, stamps, slow.get("decode", 0))
        watch = partial(WatchedRing, stamps=stamps, slow=slow.get("letterbox", 0))
        if len(self.cameras) > 1:
            return Crew(self.cameras, found, backend, decoder, watch)
        options = Options(gate=False) if self._task.cell.track else None  # else still pictures cost nothing
        pipeline = open_pipeline(self.cameras[0], found, backend, decoder, options, self._scouts_backend)
        pipeline.ring = watch(pipeline.ring)
        return pipeline

    def _scouts_backend(self, other):
        """A backend like ours for another model, that helps to find people; its time is the network's too."""
        cell = self._task.cell
        return WatchedBackend(backends.create(cell.backend, threads=cell.threads, **cell.settings), self._stamps)

    def loop(self):
        """Warm up and measure; ends early, and keeps what it has, on KeyboardInterrupt."""
        self.was_cut = True
        try:
            self._loop()
            self.was_cut = False
        except KeyboardInterrupt:
            if "begin_ns" not in self._moments:
                raise
        self._finish()

    def _loop(self):
        end, least, measuring = None, LEAST_FRAMES, False
        for n, poses in enumerate(self.pipeline, 1):
            now = self._write(poses)
            if end is None:
                self._moments["first_ns"], end = now, now + self._task.warm_up_s * 1e9
            if now >= end and n >= least:
                if measuring:
                    return
                self._begin()
                measuring, least, end = True, n + LEAST_FRAMES, monotonic_ns() + self._task.seconds * 1e9

    def _write(self, poses):
        """Hand one frame to the sink, and note it; the moment after that."""
        stamps, row, n_people = self._stamps, poses.seq, poses.n
        begun = monotonic_ns()
        self.sink.write(poses)
        now = monotonic_ns()
        if self._slow.get("sink"):
            now = dawdle(now, (now - begun) * self._slow["sink"])
        stamps.sink[row], stamps.n_people[row], stamps.done[row] = begun, n_people, now
        return now

    def _begin(self):
        """The warm-up is over."""
        self._yardsticks = [yardstick()]
        self._counts = counts(self.pipeline.ring, self.cameras)
        self._note("begin_ns")

    def _finish(self):
        self._note("end_ns")
        after = counts(self.pipeline.ring, self.cameras)
        self._counts = {name: after[name] - value for name, value in self._counts.items()}
        self._memory = {"end_bytes": resident_bytes(), "peak_bytes": peak_bytes(), "table_bytes": self._stamps.n_bytes}
        self._yardsticks.append(yardstick())

    def _note(self, moment):
        self._moments[moment] = monotonic_ns()

    def outcome(self):
        """All that this process saw, as JSON holds it."""
        samples = self._stamps.samples()
        warm = samples["done"] > self._moments["begin_ns"]
        resident = self._counts.pop("resident_bytes")
        return {"moments": self._moments, "counts": self._counts, "was_cut": self.was_cut,
                "memory": self._memory | {"growth_bytes": resident},
                "yardstick_ns": self._yardsticks, "package": self.backend.package, "kernels": native.KIND,
                "samples": _pack({name: values[warm] for name, values in samples.items()}),
                "warm_up": _pack({name: values[~warm] for name, values in samples.items()})}


def _phase(place):
    """By how much of a frame a camera ticks later than the first: the golden ratio keeps any number of them apart."""
    return place * 0.618033988749895 % 1


def _pack(samples):
    """Stages and sums in ns, as 32 bits; moments as 64; counts as they fit."""
    types = dict.fromkeys((*STAGES, "work", "latency"), "<u4") | {"done": "<i8", "n_people": "|u1", "n_looks": "|u1"}
    return {name: pack(samples[name], dtype) for name, dtype in types.items()}
