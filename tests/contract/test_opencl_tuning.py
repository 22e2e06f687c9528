"""Tuning, caches and signals of the OpenCL backend, on every device that this machine has and as processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edgepose import backends, cache, cli
from edgepose.backends.opencl import binaries, devices, executor, kept, plan, programs, reader, shapes
from edgepose.backends.opencl.backend import OpenclBackend
from edgepose.errors import BackendError
from tests.opencl_graphs import SPELLED_OUT, GraphFile, is_slow, run_tflite, split

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def quick(device):
    """Mesa's software renderer compiles and runs for seconds what others do in milliseconds."""
    if is_slow(device):
        pytest.skip(f"{device.name} takes too long for this")


@pytest.fixture(scope="session")
def pocl_cache(common):
    return str(common / "pocl")


@pytest.fixture
def folder(monkeypatch, tmp_path, pocl_cache):
    """The cache's folder, a test's own; what PoCL compiles is shared by all, for it takes long."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("POCL_CACHE_DIR", pocl_cache)
    return tmp_path / "edgepose" / "opencl"


@pytest.fixture
def graph(tmp_path, rng):
    """(path, image, XNNPACK's outputs) of a network of two convolutions with awkward sizes."""
    made = GraphFile(rng, (1, 7, 9, 21))
    x = made.convolution(made.convolution(made.input, 37, 3, activation=1), 37, 3, depthwise=True)
    path, image = made.write(tmp_path / "graph.tflite", x), made.image()
    return path, image, run_tflite(path, image)


@pytest.fixture
def small(tmp_path, rng):
    """As `graph`, of one convolution: one program."""
    made = GraphFile(rng, (1, 7, 9, 21))
    path, image = made.write(tmp_path / "graph.tflite", made.convolution(made.input, 37, 3)), made.image()
    return path, image, run_tflite(path, image)


def n_differing(graph, running):
    """Run; how many bytes are not XNNPACK's."""
    _, image, expected = graph
    running.run(image)
    given = split(running.outputs, [output.shape for output in expected])
    return sum(int((a != b).sum()) for a, b in zip(expected, given, strict=True))


def call(*arguments, **environment):
    return subprocess.run([sys.executable, "-m", "edgepose", *arguments], capture_output=True, text=True, timeout=300,
                          env=os.environ | environment)


# ---- candidates

def dense_candidates():
    """The Shapes of convolutions that tuning may choose and the shipped table has not."""
    for family in ("cpu", "gpu"):
        new = [shape for shape in shapes.candidates(family, "convolution", "cl_khr_integer_dot_product")
               if shape not in shapes.DENSE.values()]
        yield from (pytest.param(family, shape, id=f"{family}-{shape.inner}-{shape.block}x{shape.depth}x{shape.tile}")
                    for shape in new)


@pytest.mark.parametrize(("family", "shape"), list(dense_candidates()))
def test_every_candidate_of_a_convolution_gives_the_bytes_of_xnnpack(device, graph, folder, family, shape, monkeypatch):
    if shapes.EXTENSIONS.get(shape.inner, "") not in device.extensions:
        monkeypatch.setattr(programs, "source", lambda shape, real=programs.source: SPELLED_OUT + real(shape))
    layout = plan.plan(reader.read(graph[0]))
    assert n_differing(graph, executor.load(device, layout, shapes.everywhere(layout, family, shape))) == 0


@pytest.mark.parametrize("family", ["cpu", "gpu"])
def test_every_division_of_work_gives_the_bytes_of_xnnpack(device, graph, folder, family):
    layout, running = plan.plan(reader.read(graph[0])), executor.prepare(device)
    dense, others = shapes.shipped(family)[0], shapes.candidates(family, "depthwise")
    groups = shapes.regrouped(family, "convolution", dense)[1::2]  # one of a row, one of a rectangle
    for n in range(max(len(groups), len(others))):
        kinds = {"convolution": groups[n] if n < len(groups) else dense, "depthwise": others[n % len(others)]}
        chosen = [kinds[layer.kind] for layer in layout.layers]
        assert n_differing(graph, executor.on(running, layout, chosen)) == 0, chosen


# ---- what is kept

def test_programs_are_kept_and_bad_ones_built_anew(device, small, folder, monkeypatch):
    monkeypatch.setattr(binaries, "OWN_CACHES", ())
    layout, compiled = plan.plan(reader.read(small[0])), []
    chosen = shapes.everywhere(layout, "cpu", shapes.DENSE["cpu", "ints"])
    compile = programs.Programs._compile
    monkeypatch.setattr(programs.Programs, "_compile", lambda *about: compiled.append(1) or compile(*about))

    def n_compiled():
        compiled.clear()
        assert n_differing(small, executor.load(device, layout, chosen)) == 0
        return len(compiled)

    assert (n_compiled(), n_compiled()) == (1, 0)
    (path,) = folder.glob("*.program")
    key = cache.read_sealed(path)[:32]
    for damage in (lambda: cache.write(path, b"damaged"), lambda: cache.write_sealed(path, key + b"not this driver's")):
        damage()
        assert (n_compiled(), n_compiled()) == (1, 0)


TUNE = """
import sys
from pathlib import Path
from edgepose.backends.opencl import devices, plan, reader, shapes, tuning
shapes.DENSE = {key: shapes.DENSE[key] for key in (("cpu", "pairs"), ("cpu", "ints"))}
shapes.DENSE_SIZES, shapes.GROUPS = {}, {"cpu": (), "gpu": ()}
cl = devices.find_package()
device = devices.find_devices(cl)[int(sys.argv[2])]
layout = plan.plan(reader.read(Path(sys.argv[1])))
about = {"model": "graph", "sha256": "0", "device": "this", "threads": "1"}
print("ready", flush=True)
sys.stdin.readline()
tuning.tune(device, layout, "cpu", about, lambda: None)
assert tuning.choose(device, layout, "cpu", about)
"""


def test_two_processes_tuning_at_once_both_end_right(device, quick, small, folder):
    command = [sys.executable, "-c", TUNE, str(small[0]), str(number_of(device))]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)]
    assert [process.stdout.readline() for process in both] == ["ready\n"] * 2
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    layout = plan.plan(reader.read(small[0]))
    about = {"model": "graph", "sha256": "0", "device": "this", "threads": "1"}
    chosen = kept.recall(about, len(layout.layers))
    assert n_differing(small, executor.load(device, layout, chosen)) == 0
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def number_of(device):
    return devices.find_devices(devices.find_package()).index(device)


# ---- edgepose doctor --tune

def test_doctor_tunes_keeps_it_and_lists_it(device, quick, lightning, folder, monkeypatch, capsys):
    only = {key: shapes.DENSE[key] for key in (("cpu", "pairs"), ("gpu", "floats"))}
    none = {"cpu": (), "gpu": ()}
    for name, table in (("DENSE", only), ("DENSE_SIZES", {}), ("DEPTHWISE_TILES", none), ("GROUPS", none)):
        monkeypatch.setattr(shapes, name, table)  # the whole table takes minutes on some devices
    assert cli.main(["doctor", "--tune", "--model", lightning.name, "--device", str(number_of(device))]) == 0
    told = capsys.readouterr().out
    assert "ms a frame before" in told and "ms after" in told
    backend = OpenclBackend(device=number_of(device))
    assert kept.tuned(backend.package) == ["movenet-lightning, threads 1"]


def test_interrupted_tuning_ends_cleanly_and_damages_nothing(device, folder):
    command = [sys.executable, "-m", "edgepose", "doctor", "--tune", "--model", "movenet-lightning", "--device",
               str(number_of(device))]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stdout.readline().startswith("tuning pyopencl")
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 130 and told == "edgepose: interrupted; what was kept before stays\n"
    assert not folder.exists() or all(path.suffix in (".json", ".program") for path in folder.iterdir())


@pytest.mark.parametrize(("arguments", "line"), [
    (["--tune", "--model", "nobody"], "model 'nobody' is not known"),
    (["--tune", "--device", "no such device"], "OpenCL device 'no such device' is not here"),
    (["--tune", "--threads", "0"], "threads must be 1 or more"),
    (["--tune", "--json"], "--tune has no --json"), (["--threads", "2"], "--threads is of --tune")])
def test_tuning_of_what_is_not_there_is_one_line(device, capsys, arguments, line):
    assert cli.main(["doctor", *arguments]) == 2
    told = capsys.readouterr()
    assert line in told.err and len(told.err.splitlines()) == 1 and told.out == ""


def test_tuning_a_model_that_was_not_pulled_is_one_line(device, tmp_path):
    done = call("doctor", "--tune", "--model", "lightweight-openpose", XDG_DATA_HOME=str(tmp_path))
    assert done.returncode == 2 and "edgepose models pull lightweight-openpose" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_tuning_without_pyopencl_is_one_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyopencl", None)
    assert cli.main(["doctor", "--tune"]) == 2
    assert "pip install 'edgepose[opencl]'" in capsys.readouterr().err


def test_tuning_into_a_cache_that_cannot_be_written_says_so(device, lightning, folder, monkeypatch, capsys):
    def refuse(*about):
        raise OSError("read-only file system")

    monkeypatch.setattr(backends.find("opencl"), "tune", refuse)
    assert cli.main(["doctor", "--tune", "--model", lightning.name]) == 1
    assert "cannot keep what was measured: read-only file system" in capsys.readouterr().err


# ---- what a device may lack

def test_device_without_enough_memory_is_named_with_bytes(device, small):
    layout = plan.plan(reader.read(small[0]))
    layout.arena.n_bytes = 1 << 50
    chosen = shapes.everywhere(layout, "cpu", shapes.DENSE["cpu", "ints"])
    with pytest.raises(BackendError) as caught:
        executor.load(device, layout, chosen)
    assert device.name.strip() in str(caught.value) and str(1 << 50) in str(caught.value)
    assert f"it has {device.global_mem_size}" in str(caught.value)


LOADED = """
import os, signal, sys
from pathlib import Path
from edgepose.backends import signals
from edgepose.backends.opencl import devices, executor, plan, reader, shapes

def caught():  # and ignored, by the kernel's own list; but for crashes, which a driver may keep
    lines = [line.split()[1] for line in open("/proc/self/status") if line.startswith(("SigIgn", "SigCgt"))]
    crashes = sum(1 << number - 1 for number in signals.UNTOUCHED)
    return [hex(int(line, 16) & ~crashes) for line in lines]

before, layout = caught(), plan.plan(reader.read(Path(sys.argv[1])))
device = devices.find_devices(devices.find_package())[int(sys.argv[2])]
executor.load(device, layout, shapes.everywhere(layout, "cpu", shapes.DENSE["cpu", "ints"]))
assert caught() == before, (caught(), before)
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("caught")
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux' /proc")
def test_ctrl_c_still_works_after_a_driver_has_loaded_and_compiled(device, small, monkeypatch, tmp_path):
    monkeypatch.setenv("POCL_CACHE_DIR", str(tmp_path))  # nothing is compiled yet
    done = subprocess.run([sys.executable, "-c", LOADED, str(small[0]), str(number_of(device))], capture_output=True,
                          text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "caught\n"), done.stderr
    assert done.stderr == ""  # a compiler's remarks are nobody's business
