"""Whether the daemon survives SIGKILL at any moment: nothing lost that was announced, the store whole, back in time.

    python benchmarks/kill_daemon.py [--kills 100] [--seed N]

Runs `edgepose daemon` on a clip that ships, its events going to a file of JSON lines, and kills it at random moments.
After each: every event that stands in the file is in the store, in that revision or a later one, and SQLite finds the
store whole. Printed: how many events were announced, how many were lost (none may be), and how long a start took until
the daemon was ready, p50, p99 and the longest (less than 3 s is asked).
"""

import argparse
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CONFIG = """
[daemon]
directory = "{directory}"
backend = "tflite"
lines = "{directory}/events.jsonl"

[web]
enabled = false

[[camera]]
name = "street"
source = "clip:pedestrians"
fps = 10

[[camera.zone]]
name = "pavement"
points = [[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]]

[[camera.rule]]
name = "somebody"
kind = "enter"
zones = ["pavement"]
"""
LONGEST_RUN_S = 6.0


def main():
    """Kill again and again, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance, starts_s, n_lost, n_broken = random.Random(options.seed), [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "c.toml").write_text(CONFIG.format(directory=directory))
        for n in range(options.kills):
            starts_s.append(run_and_kill(directory, chance.uniform(0, LONGEST_RUN_S)))
            announced, lost, is_whole = examine(directory)
            n_lost, n_broken = n_lost + lost, n_broken + (not is_whole)
            print(f"\r{n + 1} kills, {announced} revisions announced, {n_lost} lost, {n_broken} times broken", end="",
                  file=sys.stderr)
    print(file=sys.stderr)
    ready_s = np.array([seconds for seconds in starts_s if seconds is not None])
    print(f"{options.kills} kills, {len(ready_s)} of them after the daemon was ready; {announced} revisions announced,"
          f" {n_lost} lost, the store broken {n_broken} times; ready after {np.median(ready_s):.2f} s p50,"
          f" {np.quantile(ready_s, 0.99):.2f} s p99, {ready_s.max():.2f} s at most")
    return 1 if n_lost or n_broken else 0


def run_and_kill(directory, after_s):
    """Seconds until the daemon was ready, or None where it was killed before."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        path = directory / "notify"
        path.unlink(missing_ok=True)
        notify.bind(str(path))
        begun = time.monotonic()
        daemon = subprocess.Popen([sys.executable, "-m", "edgepose", "daemon", "--config", directory / "c.toml"],
                                  env=os.environ | {"NOTIFY_SOCKET": str(path)}, stderr=subprocess.DEVNULL)
        try:
            return wait_ready(notify, begun, begun + after_s)
        finally:
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()


def wait_ready(notify, begun, until):
    """Read what the daemon tells systemd until a moment; seconds until it was ready, or None."""
    ready_s = None
    while (left := until - time.monotonic()) > 0:
        notify.settimeout(left)
        try:
            if b"READY=1" in notify.recv(4096) and ready_s is None:
                ready_s = time.monotonic() - begun
        except TimeoutError:
            break
    return ready_s


def examine(directory):
    """(revisions announced so far, those of them that the store lacks, whether it is whole)."""
    lines, path = directory / "events.jsonl", directory / "events.sqlite"
    text = lines.read_text() if lines.exists() else ""
    announced = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    if not path.exists():
        return len(announced), len(announced), True
    base = sqlite3.connect(path)
    try:
        is_whole = base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = dict(base.execute("SELECT id, max(revision) FROM events GROUP BY id").fetchall())
    finally:
        base.close()
    lost = sum(kept.get(event["id"], 0) < event["revision"] for event in announced)
    return len(announced), lost, is_whole


if __name__ == "__main__":
    sys.exit(main())
