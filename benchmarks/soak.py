"""Ten thousand frames through the whole pipeline with the real network: does memory stay flat?

    python benchmarks/soak.py [SOURCE] [--frames N] [--backend NAME]
"""

import argparse
import io
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil

from edgepose import backends, decoders, model, sources
from edgepose.pipeline import Pipeline
from edgepose.sinks import JsonlSink

CLIP = Path(__file__).resolve().parent.parent / "edgepose" / "clips" / "pedestrians.mp4"


class Loop:
    """A source that starts again at its end, until n frames are read."""

    live, n_broken = False, 0

    def __init__(self, spec, n):
        self.name, self._spec, self._left = spec, spec, n
        self._source = sources.open_source(spec)
        self.fps, self.n_frames = self._source.fps, n

    def read(self):
        if not self._left:
            return None
        self._left -= 1
        frame = self._source.read()
        if frame is None:
            self._source.close()
            self._source = sources.open_source(self._spec)
            frame = self._source.read()
        return frame

    def close(self):
        self._source.close()


class Nowhere(io.StringIO):
    """A stream that forgets."""

    def write(self, text):
        return len(text)


def main():
    """Print blocks and resident memory on the way, and the growth after the first thousand frames."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", nargs="?", default=str(CLIP))
    parser.add_argument("--frames", type=int, default=10000)
    parser.add_argument("--backend", default="tflite")
    options = parser.parse_args()
    found, sink, process, resident = model.load(model.DEFAULT), JsonlSink(Nowhere()), psutil.Process(), []
    source, start = Loop(options.source, options.frames), time.perf_counter()
    with Pipeline(source, found, backends.create(options.backend), decoders.create(found)) as stages:
        sink.open(SimpleNamespace(source=source.name, model=found.name, backend=options.backend,
                                  skeleton=found.skeleton, fps=source.fps, live=False))
        for n, poses in enumerate(stages, 1):
            sink.write(poses)
            if n % max(options.frames // 10, 1) == 0:
                resident.append(process.memory_info().rss / 2**20)
                print(f"{n:7d} frames  {n / (time.perf_counter() - start):6.1f} a second  resident {resident[-1]:6.1f}"
                      f" MiB  {sys.getallocatedblocks()} blocks")
    print(f"growth after the first tenth: {max(resident) - resident[0]:+.2f} MiB")


if __name__ == "__main__":
    main()
