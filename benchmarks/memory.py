"""Who takes how much memory in `edgepose run` and in the daemon: resident, anonymous and of files, part after part.

    python benchmarks/memory.py [VIDEO] [--json FILE]

Every part is loaded into one process of its own, one after the other, and what it added is printed: its anonymous
memory is nobody else's, its mapped files go when memory is short. Then the same once more with one thread of OpenBLAS,
and with one arena of malloc. docs/memory.md has a run of it.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIP = ROOT / "edgepose" / "clips" / "pedestrians.mp4"
PARTS = (
    ("Python", "pass"),
    ("NumPy", "import numpy"),
    ("edgepose", "import edgepose; from edgepose import backends, decoders, model, sources, track"),
    ("PyAV", "import av"),
    ("runtime", "from edgepose.backends import tflite; tflite.find_interpreter()"),
    ("network", "backend = backends.create('tflite', model.load(model.DEFAULT));"
                " backend.open(model.load(model.DEFAULT), None)"),
    ("video open", "source = sources.open_source(sys.argv[1])"),
    ("20 frames", "for _ in range(20):\n    source.read()"),
    ("first inference", "from edgepose.ring import Slot; backend.infer(Slot(192, 192))"),
    ("aiohttp", "import aiohttp.web"),
    ("daemon", "import edgepose.daemon.body, edgepose.daemon.web.server"),
    ("MQTT, metrics", "import paho.mqtt.client, prometheus_client"),
)
SETTINGS = ({}, {"OPENBLAS_NUM_THREADS": "1"}, {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"})
CHILD = """
import json, sys
def taken():
    with open("/proc/self/status") as file:
        table = dict(line.split(":", 1) for line in file)
    return [int(table[key].split()[0]) for key in ("RssAnon", "RssFile")]
taken(); print(json.dumps(["(start)", *taken()]))
for name, code in json.loads(sys.argv[2]):
    exec(code)
    print(json.dumps([name, *taken()]))
"""


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("video", nargs="?", default=str(CLIP))
    parser.add_argument("--json", metavar="FILE", type=Path)
    options = parser.parse_args()
    runs = [{"environment": setting, "parts": measure(options.video, setting)} for setting in SETTINGS]
    show(runs)
    if options.json:
        options.json.write_text(json.dumps({"video": Path(options.video).name, "runs": runs}, indent=1) + "\n")


def measure(video, setting):
    """[(part, kB anonymous, kB of files)], each as it was after that part had been added."""
    done = subprocess.run([sys.executable, "-c", CHILD, video, json.dumps(PARTS)], check=True, text=True, cwd=ROOT,
                          stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT), **setting})
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]


def show(runs):
    """What every part added, MB; the sum below."""
    for run in runs:
        print(" ".join(f"{key}={value}" for key, value in run["environment"].items()) or "as it is")
        before = (0, 0)
        for name, *now in run["parts"]:
            print(f"  {name:16} {(now[0] - before[0]) / 1000:7.1f} anonymous {(now[1] - before[1]) / 1000:7.1f} files")
            before = now
        print(f"  {'in all':16} {before[0] / 1000:7.1f} anonymous {before[1] / 1000:7.1f} files")


if __name__ == "__main__":
    main()
