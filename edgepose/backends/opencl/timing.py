"""`python -m edgepose.backends.opencl.timing [MODEL ...]`: our time against TFLite's, in turns on the same thread."""

import statistics
import sys
import time
from pathlib import Path

from edgepose import backends, model, sources
from edgepose.letterbox import Letterbox
from edgepose.ring import Slot

CLIP = Path(__file__).resolve().parents[2] / "clips" / "pedestrians.mp4"
WARM_UPS, RUNS, FRAMES = 5, 60, 4


def main(names):
    """Print a line for every model: medians with quartiles, least times, and their ratios."""
    for name in names or [model.DEFAULT]:
        for clock, what in ((time.perf_counter_ns, "wall time"), (time.process_time_ns, "CPU time")):
            print(_line(name, what, *compare(model.load(name), clock)), flush=True)


def compare(model, clock, runs=RUNS):
    """({backend: [ms of a frame]}, opencl's package); frames of the clip that ships, upload and read-back included."""
    running, slots = [backends.create(name) for name in ("tflite", "opencl")], _slots(model)
    times = {backend.name: [] for backend in running}
    for backend in running:
        backend.open(model, None)
    for n in range(WARM_UPS + runs):
        for backend in running:
            start = clock()
            backend.infer(slots[n % len(slots)])
            times[backend.name].append((clock() - start) / 1e6)
    for backend in running:
        backend.close()
    return {name: taken[WARM_UPS:] for name, taken in times.items()}, running[1].package


def _slots(model):
    """Slots with the clip's first frames."""
    source, letterbox = sources.open_source(str(CLIP)), Letterbox.of(model.input)
    slots = [Slot(model.input.height, model.input.width) for _ in range(FRAMES)]
    for slot in slots:
        letterbox.write(source.read(), slot)
    source.close()
    return slots


def _line(name, what, times, package):
    parts = [f"{backend} {_spread(taken)}" for backend, taken in times.items()]
    ratio = [one(times["opencl"]) / one(times["tflite"]) for one in (statistics.median, min)]
    ratios = f"ratio {ratio[0]:.2f} of medians, {ratio[1]:.2f} of least times"
    return f"{name}, {what}: {', '.join(parts)}; {ratios}; {package}"


def _spread(taken):
    low, middle, high = statistics.quantiles(taken, n=4)
    return f"{middle:.2f} ms ({low:.2f}..{high:.2f}, least {min(taken):.2f})"


if __name__ == "__main__":
    main(sys.argv[1:])
