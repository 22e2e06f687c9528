"""Time of the OpenPose decoder at 0 to 30 people, beside its author's decode in Python.

    python benchmarks/openpose_decode.py --data DIR [--model NAME] [--backend NAME] [--json FILE]

Maps of pictures without people are the background; people are cut out of the maps of a CCTV clip and of pictures,
and set side by side until there are enough. Every set of maps goes through both decoders in turn, on one thread, so
that a slow moment hits both; times are the thread's own CPU time, ms. The last row is noise everywhere: the worst case.
"""

import argparse
import json
import time
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import openpose_network

from edgepose import decoders, native, sources
from edgepose.letterbox import Fit
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.sources.pictures import load_picture
from tests import openpose_oracle

COUNTS = (0, 1, 5, 10, 20, 30)
N_SETS, MARGIN_CELLS = 12, 1  # different sets of maps a row; around a person that is cut out
MAX_CELLS = 56  # that a person takes up, so that thirty find room


def main():
    """Print the table, and write it as JSON on request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15, help="of every set of maps; default: %(default)s")
    parser.add_argument("--json", metavar="FILE")
    openpose_network.add_arguments(parser)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    network = next(openpose_network.networks(options))
    people, grounds = harvest(network, options.data), backgrounds(network, options.data)
    print(f"{network.model.name} on {network.backend.name}, {native.KIND} kernels, maps {grounds[0][0].shape[:2]};"
          f" people cut out: {len(people)}; ms of CPU time, median (p10 to p90)")
    print(f"{'people':>8}{'found':>8}{'ours':>26}{'in Python':>28}{'ratio of medians':>18}")
    rows = [measure(network.model, n, crowds(people, grounds, n), options.repeats) for n in COUNTS]
    worst = measure_noise(network.model, options.repeats)
    if options.json:
        Path(options.json).write_text(json.dumps({"rows": rows, "noise_ms": worst}, indent=1))


def harvest(network, data):
    """[(heatmap, paf)] cut around people who are small and whole."""
    decoder = decoders.create(network.model, "openpose18")
    poses, found = PoseBatch(decoder.capacity, decoder.skeleton), []
    for frame in frames(data):
        slot, outputs = network.infer(frame)
        slot.fit.copy_from(Fit())  # poses in px of the input
        slot.width, slot.height = network.model.input.width, network.model.input.height
        decoder.decode(outputs, slot, poses)
        for box in poses.boxes_q4[:poses.n]:
            found += cut(in_order(network.model, outputs), box / 16 / network.model.decode["stride"])
    return found


def frames(data):
    """Frames of the clip, and pictures."""
    clip = sources.open_source(str(data / "clips" / "vtest.avi"))
    while (frame := clip.read()) is not None:
        if frame.seq % 25 == 0:
            yield frame
    clip.close()
    for path in islice(sorted((data / "coco-unlabelled").rglob("*.jpg")), 100):
        yield load_picture(str(path))


def cut(maps, box):
    """The part of maps around a box in cells, unless it is too large."""
    x, y, width, height = box
    left, top = (max(0, int(v) - MARGIN_CELLS) for v in (x, y))
    right, bottom = int(x + width) + 2 * MARGIN_CELLS, int(y + height) + 2 * MARGIN_CELLS
    if (right - left) * (bottom - top) > MAX_CELLS:
        return []
    return [tuple(m[top:bottom, left:right].copy() for m in maps)]


def backgrounds(network, data):
    """[(heatmap, paf)] of pictures without people."""
    paths = islice(sorted((data / "coco-negatives").rglob("*.jpg")), N_SETS)
    outputs = (network.infer(load_picture(str(path)))[1] for path in paths)
    return [[m.copy() for m in in_order(network.model, found)] for found in outputs]


def in_order(model, outputs):
    """(heatmap, paf) of outputs in the manifest's order."""
    names = list(model.outputs)
    return [outputs[names.index(name)] for name in ("heatmap", "paf")]


def crowd(people, ground, n, rng):
    """Maps with n people in rows from the top left, where there is room."""
    heatmap, paf = (m.copy() for m in ground)
    x = y = high = placed = 0
    while placed < n:
        patch_heatmap, patch_paf = people[rng.integers(len(people))]
        rows, columns = patch_heatmap.shape[:2]
        if x + columns > heatmap.shape[1]:
            x, y, high = 0, y + high, 0
        if y + rows > heatmap.shape[0]:
            return None
        heatmap[y:y + rows, x:x + columns], paf[y:y + rows, x:x + columns] = patch_heatmap, patch_paf
        x, high, placed = x + columns, max(high, rows), placed + 1
    return heatmap, paf


def crowds(people, grounds, n):
    """N_SETS different maps with n people."""
    rng, sets = np.random.default_rng(n), []
    while len(sets) < N_SETS:
        maps = crowd(people, grounds[len(sets) % len(grounds)], n, rng)
        sets += [maps] if maps else []
    return sets


def measure(model, n, sets, repeats):
    """One row of the table."""
    decode = Decode(model)
    times = np.array([[decode.time(maps) for maps in sets] for _ in range(repeats + 2)])[2:].reshape(-1, 2)
    (low, ours, high), (their_low, theirs, their_high) = (np.percentile(column, (10, 50, 90)) for column in times.T)
    print(f"{n:8}{decode.n_found / (repeats + 2) / len(sets):8.1f}{ours:10.3f} ({low:.3f} to {high:.3f})"
          f"{theirs:12.2f} ({their_low:.2f} to {their_high:.2f}){theirs / ours:14.0f}x", flush=True)
    return {"people": n, "ours_ms": [low, ours, high], "python_ms": [their_low, theirs, their_high]}


def measure_noise(model, repeats):
    """[p10, p50, p90] of ours, ms, where every list of peaks is full and every limb passes."""
    rng, decode = np.random.default_rng(0), Decode(model)
    shapes = [model.outputs[name].shape for name in ("heatmap", "paf")]
    maps = rng.integers(20, 128, shapes[0]).astype(np.int8), np.full(shapes[1], 100, np.int8)
    times = [decode.time_ours(maps) for _ in range(repeats + 2)][2:]
    low, middle, high = np.percentile(times, (10, 50, 90))
    print(f"{'noise':>8}{'':8}{middle:10.3f} ({low:.3f} to {high:.3f})")
    return [low, middle, high]


class Decode:
    """Both decoders over the same maps."""

    def __init__(self, model):
        self._model, self._decoder, self.n_found = model, decoders.create(model, "openpose18"), 0
        self._poses = PoseBatch(self._decoder.capacity, self._decoder.skeleton)
        self._slot = Slot(model.input.height, model.input.width)
        self._slot.width, self._slot.height = model.input.width, model.input.height

    def time(self, maps):
        """(ours, in Python), ms."""
        real = [np.float32(openpose_oracle.real(m, self._model.outputs[name]))
                for m, name in zip(maps, ("heatmap", "paf"))]
        return self.time_ours(maps), timed(openpose_oracle.decode, *real)

    def time_ours(self, maps):
        """Ours, ms."""
        outputs = [maps[("heatmap", "paf").index(name)] for name in self._model.outputs]
        ours = timed(self._decoder.decode, outputs, self._slot, self._poses)
        self.n_found += self._poses.n
        return ours


def timed(call, *arguments):
    """Milliseconds of this thread's CPU time that a call takes."""
    start = time.thread_time_ns()
    call(*arguments)
    return (time.thread_time_ns() - start) / 1e6


if __name__ == "__main__":
    main()
