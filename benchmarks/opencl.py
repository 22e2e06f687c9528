"""Where the OpenCL backend's time goes, on every device: layers by the device's own clock, their share of its peak,
the host's part.

    python benchmarks/opencl.py [--model NAME ...] [--device NAME ...] [--threads N] [--rounds N] [--results FOLDER]

A frame's time is taken in turns with TFLite's, upload and read-back included, on frames of the shipped clip. A layer's
time is the median of what the queue's events say. The peak of an inner product is measured: the same code in a loop on
data that fits the first cache. `--results` writes all of it to FOLDER/<machine>/opencl-<device>.json.
"""

import argparse
import json
import os
import re
import time
from contextlib import closing
from pathlib import Path

import numpy as np
from backends import WARM_UP, race

from edgepose import backends, machine, model, sources
from edgepose.backends import choice
from edgepose.backends.opencl import devices, executor, plan, programs, reader, shapes, tuning
from edgepose.letterbox import letterbox_of
from edgepose.ring import Slot

PEAK_ITEMS, PEAK_LOOPS = 4096, 2000
PEAK = """
kernel void peak(global const char *rows_of, global const WEIGHT *weights, global int *out, int loops)
{
    global const char *rows[TILE];
    SUM sums[TILE];
    for (int p = 0; p < TILE; p++) {
        rows[p] = rows_of + p * DEPTH;
        sums[p] = nothing();
    }
    for (int n = 0; n < loops; n++)
        multiply(sums, rows, n % 2 * TILE * DEPTH, weights + n % 2 * DEPTH * BLOCK);
    INTS whole = 0;
    for (int p = 0; p < TILE; p++)
        whole += total(sums[p]);
    STORE(whole, get_global_id(0), out);
}
"""


def main():
    """Print a table for every device and model; write the figures where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", action="append", help="default: all that are here")
    parser.add_argument("--device", action="append", help="as of edgepose run; default: every one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--results", metavar="FOLDER")
    options = parser.parse_args()
    cl = devices.find_package()
    here = devices.find_devices(cl)
    for wanted in options.device or range(len(here)):
        report(cl, devices.choose(cl, here, wanted), here, options)


def report(cl, device, here, options):
    """All models on one device."""
    print(f"{devices.package(device)}; {machine.name()}, load average {os.getloadavg()[0]:.1f}")
    measured = {name: measure(cl, device, here.index(device), model.load(name), options)
                for name in options.model or [name for name in model.names() if model.load(name).installed]}
    if options.results:
        folder = Path(options.results) / plain(machine.name())
        folder.mkdir(parents=True, exist_ok=True)
        about = {"machine": machine.name(), "cores": machine.n_usable_cores(), "device": devices.package(device),
                 "threads": options.threads, "rounds": options.rounds, "models": measured}
        (folder / f"opencl-{plain(device.name)}.json").write_text(json.dumps(about, indent=1) + "\n")


def measure(cl, device, number, found, options):
    """{"frame_ms": ..., "layers": ...} of one model, printed as well."""
    times = race(found, {"tflite": backends.create("tflite", threads=options.threads),
                         "opencl": backends.create("opencl", threads=options.threads, device=number)}, options.rounds)
    frame = {name: {what: spread(column) for what, column in zip(("clock", "cpu"), zip(*spent))}
             for name, spent in times.items()}
    part, layout = devices.confine(cl, device, options.threads), plan.plan(reader.read(found.file("tflite")))
    family = shapes.family_of(devices.type_of(cl, device))
    chosen = tuning.choose(part, layout, family, {"model": found.name, "device": device.name, "benchmark": "opencl"})
    running = executor.load(part, layout, chosen, profiling=True)
    layers, host = profile(running, found, options.rounds)
    peaks = {inner: peak_gops(cl, part, shapes.DENSE[family, inner])
             for inner in {shape.inner for shape in chosen if shape.inner}}
    rows = [row(layer, shape, ns, peaks) for layer, shape, ns in zip(layout.layers, chosen, layers)]
    show(found.name, frame, host, peaks, rows)
    return {"frame_ms": frame, "host_ms": host, "letterbox_ms": letterboxes(found, number, options),
            "peaks_gops": peaks, "layers": rows}


def letterboxes(found, number, options):
    """{place: {"write" or "infer": spread of the ms of CPU}} with the letterbox there, printed as well."""
    with closing(sources.open_source(str(choice.CLIP))) as clip:
        frame, slot, spent = clip.read().copy(), Slot(found.input.height, found.input.width), {}
    for place in ("host", "device"):
        backend = backends.create("opencl", threads=options.threads, device=number, letterbox=place)
        backend.open(found, None)
        letterbox, times = letterbox_of(found, backend), []
        for _ in range(options.rounds + WARM_UP):
            begun = time.process_time()
            letterbox.write(frame, slot)
            written = time.process_time()
            backend.infer(slot)
            times.append(((written - begun) * 1e3, (time.process_time() - written) * 1e3))
        backend.close()
        spent[place] = {what: spread(column) for what, column in zip(("write", "infer"), zip(*times[WARM_UP:]))}
        print(f"  letterbox on the {place}, {frame.format} {frame.width}x{frame.height}: write"
              f" {text(spent[place]['write'])}, infer {text(spent[place]['infer'])} of CPU")
    return spent


def profile(running, found, rounds):
    """(median ns of each layer, spread of the host's ms of CPU for a frame)."""
    image, layers, host = choice.real_slots(found)[0].tensor, [], []
    for _ in range(rounds + WARM_UP):
        layers.append(running.profile(image))
        begun = time.thread_time()
        running.run(image)
        host.append((time.thread_time() - begun) * 1e3)
    return np.median(layers[WARM_UP:], axis=0).astype(int).tolist(), spread(host[WARM_UP:])


def peak_gops(cl, device, shape):
    """Billions of operations a second (a product and a sum are two) of an inner product's code on cached data."""
    context = cl.Context([device])
    queue = cl.CommandQueue(context, device, cl.command_queue_properties.PROFILING_ENABLE)
    options = ["-w", "-cl-std=CL3.0" if shape.inner == "dots" else "-cl-std=CL1.2"]
    kernel = cl.Kernel(cl.Program(context, programs.source(shape) + PEAK).build(options=options), "peak")
    data = np.random.default_rng(0).integers(-127, 128, 1 << 16, dtype=np.int8)
    given = [cl.Buffer(context, cl.mem_flags.READ_ONLY | cl.mem_flags.COPY_HOST_PTR, hostbuf=data) for _ in range(2)]
    out = cl.Buffer(context, cl.mem_flags.WRITE_ONLY, 4 * PEAK_ITEMS * shape.block)
    kernel.set_args(*given, out, np.int32(PEAK_LOOPS))
    events = [cl.enqueue_nd_range_kernel(queue, kernel, (PEAK_ITEMS,), (shape.group,)) for _ in range(5)]
    queue.finish()
    ns = min(event.profile.end - event.profile.start for event in events)
    return round(2 * PEAK_ITEMS * PEAK_LOOPS * shape.tile * shape.block * shape.depth / ns, 1)


def row(layer, shape, ns, peaks):
    """One layer's figures."""
    gops = 2 * layer.n_products / max(ns, 1)
    share = round(gops / peaks[shape.inner], 3) if shape.inner else None
    return {"layer": layer.name, "kind": layer.kind, "inner": shape.inner, "us": round(ns / 1e3, 1),
            "million_products": round(layer.n_products / 1e6, 3), "gops": round(gops, 1), "of_peak": share}


def show(name, frame, host, peaks, rows):
    """Print the figures of one model on one device."""
    ratios = [frame["opencl"][what][1] / frame["tflite"][what][1] for what in ("clock", "cpu")]
    print("\n{}: OpenCL's time over TFLite's {:.2f} by the clock, {:.2f} of CPU".format(name, *ratios))
    for backend, times in frame.items():
        print("  {:7s} {} by the clock, {} of CPU".format(backend, *(text(times[what]) for what in ("clock", "cpu"))))
    print(f"  the host's part of a frame {text(host)} of CPU; layers in all {sum(r['us'] for r in rows) / 1e3:.2f} ms;"
          f" peaks {', '.join(f'{inner} {gops:.0f} GOP/s' for inner, gops in peaks.items())}")
    for entry in rows:
        share = "" if entry["of_peak"] is None else f"{entry['of_peak']:6.0%} of peak"
        print(f"    {entry['us']:9.1f} us {entry['gops']:7.1f} GOP/s {share:15s} {entry['kind']:11s}"
              f" {entry['inner']:6s} {entry['layer'][:60]}")


def spread(values):
    """[p10, p50, p90]."""
    return [round(float(value), 4) for value in np.percentile(values, [10, 50, 90])]


def text(values):
    """p50 and the spread, ms."""
    return "{1:.2f} ms ({0:.2f} to {2:.2f})".format(*values)


def plain(name):
    """A name as a file's."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


if __name__ == "__main__":
    main()
