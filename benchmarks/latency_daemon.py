"""From a camera's frame to the event that it causes, on disk and announced: the daemon's own latency.

    python benchmarks/latency_daemon.py [--seconds 120] [--source clip:pedestrians] [--fps 10] [--cameras 1]

Runs the whole daemon in this process, on cameras that play a clip at its own pace, and takes the time from the capture
of the frame in which a rule first held to the moment at which the event is handed to the outlets. Printed: p50, p90,
p99 and the longest. Asked: p99 under 300 ms at 10 frames a second.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from edgepose.daemon.body import Daemon
from edgepose.daemon.config import reading

HEAD = """
[daemon]
directory = "{directory}"
backend = "tflite"

[web]
enabled = false
"""
CAMERA = """
[[camera]]
name = "c{n}"
source = "{source}"
fps = {fps}

[[camera.zone]]
name = "middle"
points = [[0.3, 0.0], [0.7, 0.0], [0.7, 1.0], [0.3, 1.0]]

[[camera.rule]]
name = "enter"
kind = "enter"
zones = ["middle"]

[[camera.rule]]
name = "count"
kind = "count"
people = [2]
"""


def main():
    """Print how long events took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--source", default="clip:pedestrians")
    parser.add_argument("--fps", type=float, default=10.0)
    parser.add_argument("--cameras", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.toml"
        path.write_text(HEAD.format(directory=folder) + "".join(
            CAMERA.format(n=n, source=options.source, fps=options.fps) for n in range(options.cameras)))
        took_ms = np.array(watch(Daemon(reading.read(path), path), options.seconds))
    cuts = ", ".join(f"{name} {np.quantile(took_ms, q):.1f}" for name, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)))
    print(f"{len(took_ms)} events of {options.cameras} cameras at {options.fps:g} frames a second: {cuts}, at most"
          f" {took_ms.max():.1f} ms from the frame to the announcement")


def watch(daemon, seconds):
    """Milliseconds of every event that opened."""
    causes, took_ms = {}, []
    take = daemon.desk.take

    def note(camera, signals, *more):
        for signal in signals:
            if signal.state in ("begin", "instant"):
                causes.setdefault((camera, signal.rule, signal.track_ids), signal.t_ns)
        take(camera, signals, *more)

    def hear(kind, event):
        if kind == "event" and event.revision == 1:
            cause = causes.pop((event.camera, event.rule, tuple(event.track_ids)), None)
            if cause is not None:
                took_ms.append((time.monotonic_ns() - cause) / 1e6)

    daemon.desk.take = note
    try:
        daemon.open()
        daemon.hub.subscribe(hear)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            daemon.step(0.5)
    finally:
        daemon.close()
    return took_ms


if __name__ == "__main__":
    main()
