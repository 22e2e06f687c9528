"""The OpenCL backend's promise: the bytes of TFLite's XNNPACK path, on every device that this machine has."""

import sys
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from edgepose import model
from edgepose.backends import standby
from edgepose.backends.opencl import devices, executor, plan, programs, reader, shapes
from edgepose.errors import BackendError
from edgepose.frame import Frame
from edgepose.letterbox import Letterbox
from edgepose.ring import Slot
from tests.opencl_graphs import (
    SPELLED_OUT,
    GraphFile,
    clip,
    is_slow,
    n_differing,
    number_of,
    opened,
    run_opencl,
    run_tflite,
    split,
)


@pytest.fixture(params=["lightning", "thunder", "lightweight"])
def any_model(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def thunder():
    return model.load("movenet-thunder")


def pictures(data):
    for path in sorted((data / "coco-dev" / "images").glob("*.jpg")):
        yield Frame.from_array(np.asarray(Image.open(path).convert("RGB")), "rgb24", file=path.name)


def filled(model, rng):
    slot = Slot(model.input.height, model.input.width)
    slot.tensor[:] = rng.integers(0, 256, slot.tensor.shape, dtype=np.uint8)
    return slot


@pytest.mark.parametrize(("frames", "n"), [(pictures, 70), (clip, 30)])
def test_real_frames_give_the_bytes_of_xnnpack(data, any_model, device, frames, n):
    if is_slow(device) and any_model.name != "movenet-lightning":
        pytest.skip(f"{device.name} takes too long for {any_model.name}")
    letterbox, slot = Letterbox.of(any_model.input), Slot(any_model.input.height, any_model.input.width)
    tflite = opened("tflite", any_model, threads=2)
    opencl = opened("opencl", any_model, device=number_of(device), threads=2)
    n, n_compared = n if any_model.name == "movenet-lightning" else n // 5, 0  # the same programs, and a slow network
    n = 2 if is_slow(device) else n
    for frame in islice(frames(data), n):
        letterbox.write(frame, slot)
        for backend in (tflite, opencl):
            backend.infer(slot)
        assert n_differing(tflite.outputs, opencl.outputs) == 0, frame.file or frame.seq
        n_compared += 1
    assert n_compared == n


@pytest.mark.parametrize(("family", "inner"), list(shapes.DENSE))
def test_every_family_and_inner_product_gives_the_bytes_of_xnnpack(any_model, device, rng, monkeypatch, family, inner):
    if shapes.EXTENSIONS.get(inner, "") not in device.extensions:
        monkeypatch.setattr(programs, "source", lambda shape, real=programs.source: SPELLED_OUT + real(shape))
    if is_slow(device) and any_model.name != "movenet-lightning":
        pytest.skip(f"{device.name} takes too long for {any_model.name}")
    tflite, slot = opened("tflite", any_model), filled(any_model, rng)
    tflite.infer(slot)
    graph = reader.read(any_model.file("tflite"))
    layout = plan.plan(graph)
    running = executor.load(device, layout, shapes.everywhere(layout, family, shapes.DENSE[family, inner]))
    running.run(slot.tensor)
    given = dict(zip((x.name for x in graph.outputs), split(running.outputs, [x.shape[1:] for x in graph.outputs])))
    assert n_differing(tflite.outputs, [given[name] for name in any_model.outputs]) == 0


FAMILIES = pytest.mark.parametrize(("family", "inner"), [("cpu", "pairs"), ("cpu", "floats"), ("gpu", "ints")])


@FAMILIES
@pytest.mark.parametrize("n", range(8))
def test_random_convolution_gives_the_bytes_of_xnnpack(device, tmp_path, family, inner, n):
    rng = np.random.default_rng(n)
    shape = (1, *rng.integers(5, 20, 2), rng.integers(1, 140))
    graph = GraphFile(rng, [int(side) for side in shape], zero_point=int(rng.integers(-128, 128)))
    x = graph.convolution(graph.input, int(rng.integers(1, 70)), int(rng.integers(1, 4)), int(rng.integers(1, 3)),
                          same=bool(n % 2), activation=(0, 1, 3)[n % 3])
    x = graph.convolution(x, graph.tensors[x][1][3], 3, 1, 1 + n % 2, depthwise=True, activation=(0, 1, 3)[n % 3])
    check(graph, tmp_path, device, family, inner, x)


@FAMILIES
def test_long_sums_are_exact(device, tmp_path, rng, family, inner):
    graph = GraphFile(rng, (1, 4, 5, 300))
    x = graph.convolution(graph.input, 20, 3, scale=200)
    graph.tensors[1][5][:] = 127  # sums far above 2^24
    assert graph.tensors[1][5].size > 1024
    check(graph, tmp_path, device, family, inner, x, image=np.full((4, 5, 300), 127, np.int8))


@FAMILIES
def test_chain_of_everything_gives_the_bytes_of_xnnpack(device, tmp_path, rng, family, inner):
    graph = GraphFile(rng, (1, 13, 18, 3), "uint8", zero_point=128)
    x = graph.like("QUANTIZE", [graph.input], scale=graph.tensors[0][3][0], zero_point=0, table="QuantizeOptions")
    x = graph.convolution(graph.pad(x, 1, 1, 0, 1), 20, 3, 2, same=False, activation=1)
    y = graph.convolution(x, 20, 1)
    y = graph.like("ADD", [x, y], scale=0.07, table="AddOptions", FusedActivationFunction=1)
    y = graph.like("ELU", [graph.convolution(y, 20, 3, dilation=2)], scale=0.09)
    z = graph.like("ADD", [graph.convolution(x, 20, 3, depthwise=True), y], scale=0.11, table="AddOptions")
    parts = [graph.convolution(z, n, scale=0.2) for n in (5, 19)]
    whole = graph.like("CONCATENATION", [*parts, parts[0]], (1, *graph.tensors[z][1][1:3], 29), 0.2, -7,
                       "ConcatenationOptions", Axis=3)
    up = graph.resize(whole, *(2 * side for side in graph.tensors[z][1][1:3]), HalfPixelCenters=True)
    logistic = graph.like("LOGISTIC", [graph.convolution(whole, 9, 1)], scale=1 / 256, zero_point=-128)
    check(graph, tmp_path, device, family, inner, graph.convolution(up, 7, 3), logistic, z)


@pytest.mark.parametrize("how", [{}, {"HalfPixelCenters": True}, {"AlignCorners": True}])
@pytest.mark.parametrize("size", [(1, 1), (9, 5), (16, 31), (3, 40)])
def test_resize_gives_the_bytes_of_xnnpack(device, tmp_path, rng, how, size):
    graph = GraphFile(rng, (1, 8, 10, 19))
    check(graph, tmp_path, device, "cpu", "pairs", graph.resize(graph.input, *size, **how))


@pytest.mark.parametrize("scales", [(0.05, 0.05, 0.1), (0.004, 4.0, 3.0), (2.0, 0.3, 0.02)])
def test_addition_gives_the_bytes_of_xnnpack(device, tmp_path, rng, scales):
    graph = GraphFile(rng, (1, 8, 10, 19), scale=np.float32(scales[0]))
    other = graph.convolution(graph.input, 19, scale=scales[1])
    twice = graph.convolution(graph.input, 19, scale=scales[0])  # nothing to fuse: both are read twice
    outputs = [graph.like("ADD", pair, scale=scales[2], zero_point=9, table="AddOptions")
               for pair in ([graph.input, other], [other, twice], [twice, twice])]
    check(graph, tmp_path, device, "cpu", "pairs", *outputs)


@pytest.mark.parametrize("kind", ["ELU", "LOGISTIC"])
@pytest.mark.parametrize(("scale", "zero_point"), [(0.05, 0), (0.004, -100), (0.3, 77)])
def test_table_gives_the_bytes_of_tflite(device, tmp_path, rng, kind, scale, zero_point):
    graph = GraphFile(rng, (1, 16, 16, 1), scale=np.float32(scale), zero_point=zero_point)
    end = {"scale": 1 / 256, "zero_point": -128} if kind == "LOGISTIC" else {"scale": scale * 0.9}
    image = np.arange(256, dtype=np.uint8).view(np.int8).reshape(16, 16, 1)
    check(graph, tmp_path, device, "cpu", "pairs", graph.like(kind, [graph.input], **end), image=image)


def check(graph, folder, device, family, inner, *outputs, image=None):
    """Both runtimes give the same bytes, and those are not all equal."""
    path, image = graph.write(folder / "graph.tflite", *outputs), graph.image() if image is None else image
    expected, given = run_tflite(path, image), run_opencl(path, image, device, family, inner)
    assert n_differing(expected, given) == 0
    assert len(np.unique(image)) == 1 or any(len(np.unique(output)) > 1 for output in expected)


def test_opened_twice_gives_the_same(device, lightning, rng):
    slot, results = filled(lightning, rng), []
    for threads in (1, 2):
        backend = opened("opencl", lightning, device=number_of(device), threads=threads)
        backend.infer(slot)
        results.append([output.copy() for output in backend.outputs])
        backend.close()
    assert n_differing(*results) == 0


def test_threads_are_those_that_were_asked_for(device, lightning):
    if device.max_compute_units < 2 or devices.confine(devices.find_package(), device, 1) is device:
        pytest.skip(f"{device.name} is not divided into threads")
    units = [opened("opencl", lightning, device=number_of(device), threads=n)._executor._queue.device.max_compute_units
             for n in (1, 2)]
    assert units == [1, 2]


def test_frames_allocate_nothing(device, lightning, rng):
    backend, slot = opened("opencl", lightning, device=number_of(device)), filled(lightning, rng)
    n = 2 if is_slow(device) else 200
    for _ in range(n // 10 + 1):
        backend.infer(slot)
    before = sys.getallocatedblocks()
    for _ in range(n):
        backend.infer(slot)
    assert sys.getallocatedblocks() - before < 20


def test_driver_that_does_not_build_says_why_and_the_process_lives(device, lightning, rng, monkeypatch, tmp_path):
    for file in programs.FOLDER.glob("*.cl"):
        (tmp_path / file.name).write_text(file.read_text() + "\nno_such_type broken;\n")
    monkeypatch.setattr(programs, "FOLDER", tmp_path)
    with pytest.raises(BackendError, match="cannot build .*no_such_type"):
        opened("opencl", lightning, device=number_of(device))
    monkeypatch.undo()
    opened("opencl", lightning, device=number_of(device)).infer(filled(lightning, rng))


def test_device_without_enough_memory_is_named(device, lightning, monkeypatch):
    def enormous(graph, real=plan.plan):
        layout = real(graph)
        layout.arena.n_bytes = 1 << 50
        return layout

    monkeypatch.setattr(plan, "plan", enormous)
    with pytest.raises(BackendError, match="has not enough memory: [0-9]+ bytes are needed, [0-9]+ of them"):
        opened("opencl", lightning, device=number_of(device))


def test_fault_of_the_driver_while_running_loses_no_frame(device, lightning, rng):
    lines = []
    backend = opened("opencl", lightning, device=number_of(device))
    pair = standby.Standby(backend, ["tflite"], {}, lines.append)
    pair.open(lightning, None)
    slot, tflite = filled(lightning, rng), opened("tflite", lightning)
    kernel, _, _ = backend._executor._launches[20]
    backend._executor._launches[20] = kernel, (1 << 20,), (1 << 20,)  # more work-items in a group than any device runs
    pair.infer(slot)
    tflite.infer(slot)
    assert n_differing(tflite.outputs, pair.outputs) == 0 and pair.name == "tflite"
    assert len(lines) == 1 and "failed on frame 0: " in lines[0] and "; going on with " in lines[0]


def test_fault_while_running_is_a_backend_error(device, lightning, rng, monkeypatch):
    cl, backend = devices.find_package(), opened("opencl", lightning, device=number_of(device))

    def lost(*arguments, **more):
        raise cl.RuntimeError("device lost")

    monkeypatch.setattr(cl, "enqueue_nd_range_kernel", lost)
    with pytest.raises(BackendError, match="failed on frame 0: device lost"):
        backend.infer(filled(lightning, rng))
