"""Time of every stage on real frames, beside what a user would write with OpenCV and NumPy.

    python benchmarks/stages.py [--frames N] [--json FILE]

Frames of the shipped clip, scaled to camera sizes; one thread; each frame goes through all columns in turn, so
that a slow moment hits them alike. Times are microseconds, p50 and p99. The network is the same in every row.
"""

import argparse
import io
import json
import platform
import time
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import opencv_way

from edgepose import backends, decoders, model, native
from edgepose.frame import Frame
from edgepose.letterbox import Letterbox
from edgepose.native import twin_letterbox, twin_movenet, twin_presence
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.sinks.jsonl import JsonlSink

CLIP = Path(native.__file__).resolve().parent.parent / "clips" / "pedestrians.mp4"
SIZES = ((640, 480), (1280, 720), (1920, 1080))
FORMATS = ("bgr24", "yuv420p")
COLUMNS = ("letterbox", "network", "decode", "sink", "letterbox twin", "decode twin", "letterbox cv2", "decode numpy")


def main():
    """Print the table, and write it as JSON on request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=200, help="measured frames a row; default: %(default)s")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"{platform.processor() or platform.machine()}, {native.KIND} kernels, p50 / p99 in us, one thread")
    print(f"{'':22s}" + "".join(f"{name:>17s}" for name in COLUMNS))
    rows = {}
    for size in SIZES:
        for format in FORMATS:
            name = f"{size[0]}x{size[1]} {format}"
            rows[name] = measure(size, format, options.frames)
            print(f"{name:22s}" + "".join("{:>10.0f} /{:>5.0f}".format(*rows[name][column]) for column in COLUMNS))
    print()
    for name, row in rows.items():
        print(f"{name:22s}" + verdict(row))
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1))


def verdict(row):
    """The ratios that the targets speak of, from one row's medians."""
    p50 = {column: row[column][0] for column in COLUMNS}
    ours = p50["letterbox"] + p50["decode"] + p50["sink"]
    return (f"all but the network {ours / p50['network']:6.1%} of the network;"
            f" letterbox {p50['letterbox cv2'] / p50['letterbox']:5.1f}x OpenCV's speed,"
            f" decode {p50['decode numpy'] / p50['decode']:5.1f}x NumPy's")


def measure(size, format, n):
    """{column: (p50, p99)} in microseconds over n frames; the first tenth warms up and is not counted."""
    frames = list(clip_frames(size, format))
    stages, times = Stages(), {column: [] for column in COLUMNS}
    warm_up = n // 10
    for i in range(n + warm_up):
        for column, spent in stages.run(*frames[i % len(frames)]).items():
            if i >= warm_up:
                times[column].append(spent)
    return {column: [round(float(np.percentile(t, p)), 1) for p in (50, 99)] for column, t in times.items()}


def clip_frames(size, format):
    """(Frame, array as OpenCV takes it) of the clip at a size and in a format, decoded beforehand."""
    with av.open(str(CLIP)) as container:
        for picture in container.decode(video=0):
            array = picture.reformat(*size, format=format).to_ndarray()
            yield Frame.from_array(array, format), array


class Stages:
    """Every stage, ours, its twin and the usual way, over the same frame."""

    def __init__(self):
        self.model = model.load(model.DEFAULT)
        self.backend, self.decoder = backends.create("tflite"), decoders.create(self.model)
        self.backend.open(self.model, None)
        self.poses, self.slot, self.spare = PoseBatch(1, self.model.skeleton), Slot(192, 192), Slot(192, 192)
        self.letterbox, self.twin = Letterbox(192, 192), Letterbox(192, 192)
        self.sink = JsonlSink(io.StringIO())
        self.sink.open(SimpleNamespace(source="clip", model=self.model.name, backend="tflite",
                                       skeleton=self.model.skeleton, fps=10.0, live=False))

    def run(self, frame, array):
        """{column: microseconds} of one frame."""
        slot, format = self.slot, frame.format
        slot.describe(frame)
        times = {"letterbox": timed(self.letterbox.write, frame, slot),
                 "network": timed(self.backend.infer, slot),
                 "decode": timed(self.decoder.decode, self.backend.outputs, slot, self.poses)}
        self.poses.describe(slot)
        times["sink"] = timed(self.sink.write, self.poses)
        times["letterbox cv2"] = timed(opencv_way.letterbox, array, format)
        times["decode numpy"] = timed(opencv_way.decode, self.backend.outputs, list(self.model.outputs.values()))
        with twins():
            times["letterbox twin"] = timed(self.twin.write, frame, self.spare)
            times["decode twin"] = timed(self.decoder.decode, self.backend.outputs, slot, self.poses)
        return times


class twins:
    """Puts the NumPy twins in the kernels' place for a while."""

    def __enter__(self):
        self.kept = native.letterbox, native.movenet, native.presence
        native.letterbox, native.movenet, native.presence = (twin_letterbox.letterbox, twin_movenet.movenet,
                                                             twin_presence.presence)

    def __exit__(self, *_):
        native.letterbox, native.movenet, native.presence = self.kept


def timed(call, *arguments):
    """Microseconds that a call takes."""
    start = time.perf_counter_ns()
    call(*arguments)
    return (time.perf_counter_ns() - start) / 1000


if __name__ == "__main__":
    main()
