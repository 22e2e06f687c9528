"""Our time of the network alone beside the runtimes' own tools, on the same file and machine, in turns.

    python benchmarks/peers.py [--model NAME ...] [--threads N] [--rounds N] [--json FILE]

LiteRT's `benchmark_model` where it is in the PATH, else `litert-benchmark`, the tool of its Python package; OpenVINO's
`benchmark_app`, on the graph as we hand it to OpenVINO. Both run on random input, which costs an int8 network what a
picture costs it. Medians of the rounds' medians; promised is agreement within 5 %. LiteRT's tool goes through another
interface of the library (CompiledModel) than ours (Interpreter): what that differs by is no fault of a clock.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from edgepose import backends, machine, model
from edgepose.backends import openvino_graph
from edgepose.bench import plan, profile

WORDS = {"tflite": "LiteRT", "openvino": "OpenVINO"}


def main():
    """Print a row for each model and backend."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", action="append", help=f"default: {model.DEFAULT}")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    rows = [row(name, backend, options) for name in options.model or [model.DEFAULT]
            for backend in ("tflite", "openvino") if backend in backends.installed()]
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


def row(name, backend, options):
    """Both medians of one model on one backend, printed as well."""
    peer = {"tflite": litert, "openvino": openvino}[backend]
    found, ours, theirs = model.load(name), [], []
    for _ in range(options.rounds):
        ours.append(own(name, backend, options.threads))
        theirs.append(peer(found, options.threads))
    medians = {"ours_ms": round(statistics.median(ours), 3), "theirs_ms": round(statistics.median(theirs), 3)}
    found = {"model": name, "backend": backend, "threads": options.threads, **medians, "ours": ours, "theirs": theirs}
    ratio = found["ours_ms"] / found["theirs_ms"] - 1
    print(f"{name} on {WORDS[backend]}, {options.threads} thread(s): ours {found['ours_ms']:.3f} ms"
          f" ({min(ours):.3f} to {max(ours):.3f}), its own tool {found['theirs_ms']:.3f} ms"
          f" ({min(theirs):.3f} to {max(theirs):.3f}): {ratio:+.1%}; load average {os.getloadavg()[0]:.1f}", flush=True)
    return found


def own(name, backend, threads):
    """Our median of the network alone, ms."""
    return profile.network_alone(plan.Cell(plan.CLIPS, name, backend, threads), 200) / 1e6


def litert(found, threads):
    """LiteRT's median, or the average where its C++ tool gives no more, ms."""
    tool, path = shutil.which("benchmark_model"), found.file("tflite")
    if tool:
        text = run([tool, f"--graph={path}", f"--num_threads={threads}", "--num_runs=200", "--use_xnnpack=true"])
        return float(re.findall(r"avg[=:]\s*([\d.]+)", text)[-1]) / 1000  # us
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "r.json"
        run([sys.executable, "-m", "ai_edge_litert.tools.benchmark_litert_model", f"--model={path}",
             f"--num_threads={threads}", "--num_runs=200", "--warmup_runs=20", f"--result_json={result}"])
        return find(json.loads(result.read_text()), ("median_ms", "p50_ms", "latency_median_ms", "median", "p50"))


def find(value, names):
    """The first number under one of these names, however deep."""
    if isinstance(value, dict):
        for name in names:
            if isinstance(value.get(name), (int, float)):
                return float(value[name])
        return next((found for inner in value.values() if (found := find(inner, names)) is not None), None)
    return None


def openvino(found, threads):
    """benchmark_app's median, ms, one request at a time as we run it, on the graph as we hand it to OpenVINO."""
    import openvino

    core = openvino.Core()
    graph = openvino_graph.read(core, found.file("tflite"), found)
    openvino_graph.round_resizes_up(graph)
    if not machine.has_int8_dot_products():
        openvino_graph.compute_in_float(graph)
    with tempfile.TemporaryDirectory() as folder:
        openvino.save_model(graph, f"{folder}/graph.xml", compress_to_fp16=False)
        text = run([Path(sys.executable).with_name("benchmark_app"), "-m", f"{folder}/graph.xml", "-d", "CPU", "-api",
                    "sync", "-hint", "none", "-nstreams", 1, "-nthreads", threads, "-niter", 200, "-infer_precision",
                    "f32"])
    return float(re.search(r"Median:\s+([\d.]+) ms", text)[1])


def run(command):
    """What a command prints."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    return done.stdout + done.stderr


if __name__ == "__main__":
    main()
