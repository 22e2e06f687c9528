"""Records a model's outputs on a source for the replay backend.

    python benchmarks/record.py [SOURCE] [--model NAME] [--frames N] [--step N]
"""

import argparse
from pathlib import Path

import numpy as np

from edgepose import backends, model, sources
from edgepose.backends.replay import RECORDINGS
from edgepose.letterbox import Letterbox
from edgepose.ring import Slot

CLIP = Path(sources.__file__).resolve().parent.parent / "clips" / "pedestrians.mp4"


def main():
    """Write edgepose/recordings/<model>.npz."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", nargs="?", default=str(CLIP))
    parser.add_argument("--model", default=model.DEFAULT)
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--step", type=int, default=10, help="record every n-th frame")
    options = parser.parse_args()
    found = model.load(options.model)
    frames = record(found, options.source, options.frames, options.step)
    arrays = {}
    for (name, output), stack in zip(found.outputs.items(), zip(*frames)):
        arrays[name] = np.stack(stack)
        arrays[f"{name}.quantisation"] = np.array([output.scale, output.zero_point], np.float64)
    np.savez_compressed(RECORDINGS / f"{found.name}.npz", **arrays)
    print(f"{len(frames)} frames of {options.source} in {RECORDINGS / (found.name + '.npz')}")


def record(found, name, n, step):
    """The outputs of n frames, each a list of int8 arrays."""
    size = found.input
    letterbox, slot = Letterbox.of(size), Slot(size.height, size.width)
    backend, source, frames = backends.create("tflite"), sources.open_source(name), []
    backend.open(found, None)
    while len(frames) < n and (frame := source.read()) is not None:
        if frame.seq % step == 0:
            letterbox.write(frame, slot)
            backend.infer(slot)
            frames.append([output.copy() for output in backend.outputs])
    source.close()
    return frames


if __name__ == "__main__":
    main()
