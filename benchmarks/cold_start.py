"""From the start of the process to the first pose, the time of --help, and the peak of resident memory.

    python benchmarks/cold_start.py [PICTURE] [--runs N]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CLIP = Path(__file__).resolve().parent.parent / "edgepose" / "clips" / "pedestrians.mp4"
LITERT = ("import sys, numpy; from ai_edge_litert.interpreter import Interpreter; from edgepose import model;"
          "i = Interpreter(str(model.load(model.DEFAULT).file('tflite'))); i.allocate_tensors();"
          "i.invoke(); print('pose')")


def main():
    """Print one line a command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", nargs="?")
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        picture = options.picture or still(Path(folder) / "still.jpg")
        edgepose = [sys.executable, "-m", "edgepose"]
        commands = {"run picture.jpg": [*edgepose, "run", picture], "run clip.mp4": [*edgepose, "run", CLIP],
                    "--help": [*edgepose, "--help"], "(LiteRT alone)": [sys.executable, "-c", LITERT]}
        for name, command in commands.items():
            runs = [first_line(list(map(str, command))) for _ in range(options.runs)]
            seconds, mib = zip(*runs)
            print(f"{name:18s} first line after {statistics.median(seconds):.3f} s"
                  f" (best {min(seconds):.3f}, worst {max(seconds):.3f}), peak memory {statistics.median(mib):.0f} MiB")


def still(path):
    """A frame of the clip as a picture, made by another process: a child's peak includes what its parent had."""
    code = "import av, sys; next(av.open(sys.argv[1]).decode(video=0)).to_image().save(sys.argv[2])"
    subprocess.run([sys.executable, "-c", code, str(CLIP), str(path)], check=True)
    return path


def first_line(command):
    """(seconds to the first line of output, peak resident MiB) of a process that then runs to its end."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    seconds = time.perf_counter() - start
    process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
