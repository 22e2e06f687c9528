"""The letterbox on the device: the bytes of the host's, on every OpenCL device of this machine, without a wait."""

import sys
import tracemalloc
import weakref
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import edgepose
from edgepose import backends, cli, decoders, native
from edgepose.backends import standby
from edgepose.backends.opencl import canvas, devices, executor, plan, programs, reader, shapes
from edgepose.backends.opencl.letterbox import DeviceLetterbox, usual_place
from edgepose.errors import BackendError, ConfigError
from edgepose.evaluate.predict import Predictor, make_decode
from edgepose.frame import COLOURS, FORMATS, Frame
from edgepose.letterbox import Letterbox, letterbox_of
from edgepose.model import Input
from edgepose.pipeline import Pipeline
from edgepose.ring import Slot
from tests.conftest import random_frame
from tests.doubles import ListSource
from tests.opencl_graphs import clip, n_differing, number_of, opened

CLIP = Path(edgepose.__file__).resolve().parent / "clips" / "pedestrians.mp4"
BEFORE = 100  # bytes of the arena before the input
every_format = pytest.mark.parametrize("format", FORMATS)


class Sheet:
    """A Canvas on memory of its own, beside a Letterbox for the same input."""

    def __init__(self, device, height, width, channels="bgr", pad=77):
        self.cl, input = devices.find_package(), Input(height, width, channels, pad, 1.0, 0)
        context = self.cl.Context([device])
        self.queue, n_bytes = self.cl.CommandQueue(context), height * width * 3
        self.arena = self.cl.Buffer(context, self.cl.mem_flags.READ_WRITE, BEFORE + n_bytes + BEFORE)
        self.cl.enqueue_fill_buffer(self.queue, self.arena, np.uint8([200]), 0, BEFORE + n_bytes + BEFORE)
        built = programs.Programs(self.cl, context)
        self.canvas = canvas.Canvas(self.cl, self.queue, built, self.arena, BEFORE, input)
        self.host, self.letterbox = Letterbox.of(input), DeviceLetterbox(input)
        self.slots = Slot(height, width), Slot(height, width)

    def expected(self, frame, crop=None):
        self.host.write(frame, self.slots[0], crop)
        return self.slots[0].tensor

    def drawn(self, frame, crop=None):
        self.letterbox.write(frame, self.slots[1], crop)
        self.canvas.show(self.slots[1])
        return self.read()

    def read(self):
        everything = np.zeros(2 * BEFORE + self.slots[1].tensor.size, np.uint8)
        self.cl.enqueue_copy(self.queue, everything, self.arena, is_blocking=True)
        assert (everything[:BEFORE] == 200).all() and (everything[-BEFORE:] == 200).all()  # nothing beside the input
        return everything[BEFORE:-BEFORE].reshape(self.slots[1].tensor.shape)

    def check(self, frame, crop=None):
        given = self.drawn(frame, crop)
        assert np.array_equal(self.expected(frame, crop), given), (frame, crop, self.slots[0].fit)
        assert repr(self.slots[0].fit) == repr(self.slots[1].fit)


@lru_cache
def sheet(device, height=48, width=64, channels="bgr"):
    """A Sheet that sees a long stream of frames."""
    return Sheet(device, height, width, channels)


@every_format
@pytest.mark.parametrize("channels", ["bgr", "rgb"])
def test_random_frames_and_crops_give_the_hosts_bytes(device, format, channels):
    rng, n_grown = np.random.default_rng(len(format)), 0
    for _ in range(80):
        size = [int(side) for side in np.exp(rng.uniform(0, 5.7, 2))]
        frame = random_frame(rng, format, *size, int(rng.integers(0, 40)), colour=str(rng.choice(list(COLOURS))))
        crop = tuple(int(v) for v in (*rng.integers(-4000, 4000, 2), *rng.integers(1, 9000, 2)))
        sheet(device, channels=channels).check(frame, crop if rng.random() < 0.6 else None)
        n_grown += sheet(device, channels=channels).slots[1].fit.scale_q16 < 1 << 16
    assert 10 < n_grown < 70


@every_format
@pytest.mark.parametrize("size", [(640, 480), (1279, 721), (1920, 1080)])
def test_camera_sizes_give_the_hosts_bytes(device, rng, format, size):
    frame = random_frame(rng, format, *size, slack=32)
    sheet(device, 192, 192).check(frame)
    sheet(device).check(frame)  # sums of so many rows have fewer fraction bits


@every_format
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (3, 5), (2, 300), (300, 2), (1, 6144), (8192, 1), (97, 61)])
def test_odd_and_narrow_frames_give_the_hosts_bytes(device, rng, format, size):
    for slack in (0, 7):
        sheet(device).check(random_frame(rng, format, *size, slack))


@every_format
@pytest.mark.parametrize("colour", COLOURS)
def test_saturated_values_give_the_hosts_bytes(device, rng, format, colour):
    for levels in ([0], [255], [0, 255], [0, 15, 16, 128, 240, 255]):
        frame = random_frame(rng, format, 150, 90, colour=colour)
        for plane in frame.planes:
            plane[:] = rng.choice(np.uint8(levels), plane.size)
        sheet(device).check(frame)


def test_colours_may_change_from_frame_to_frame(device, rng):
    frame = random_frame(rng, "nv12", 64, 48)
    for frame.colour in COLOURS:
        sheet(device).check(frame)


def test_frame_that_shrinks_128_times_gives_the_hosts_bytes(device, rng):
    sheet(device).check(Frame("gray8", 8192, 3000, [np.full(8192 * 3000, 255, np.uint8)]))
    sheet(device).check(random_frame(rng, "yuyv422", 8192, 128))
    assert sheet(device).slots[1].fit.scale_q16 == 128 << 16


def test_padding_is_painted_when_the_covered_part_changes_and_only_then(device, rng):
    own, wide = Sheet(device, 64, 64), random_frame(rng, "nv12", 64, 30)
    own.check(wide)
    own.cl.enqueue_fill_buffer(own.queue, own.arena, np.uint8([5]), BEFORE, 3)  # its first pixel is padding
    assert own.drawn(wide)[0, 0].tolist() == [5, 5, 5]
    own.check(random_frame(rng, "nv12", 64, 28))
    own.check(wide)


def test_crop_outside_the_frame_is_all_padding(device, rng):
    frame, own = random_frame(rng, "bgr24", 50, 50), Sheet(device, 64, 48, pad=5)
    assert (own.drawn(frame, (16000, 16000, 800, 800)) == 5).all()
    own.check(frame)
    assert (own.drawn(frame, (16000, 16000, 800, 800)) == 5).all()


def test_tensor_that_the_host_filled_is_taken_as_it_is(device, rng):
    own, slot = Sheet(device, 48, 64), Slot(48, 64)
    own.check(random_frame(rng, "bgr24", 64, 20))
    own.host.write(random_frame(rng, "gray8", 20, 64), slot)
    own.canvas.show(slot)
    assert not slot.raw and np.array_equal(own.read(), slot.tensor)
    own.check(random_frame(rng, "bgr24", 64, 20))  # padding once more


def test_host_makes_the_tensor_of_a_slot_that_was_meant_for_the_device(lightning, rng):
    slot, frame, crop = Slot(192, 192), random_frame(rng, "nv12", 300, 200), (100, 50, 2000, 3000)
    DeviceLetterbox(lightning.input).write(frame, slot, crop)
    expected = Slot(192, 192)
    Letterbox.of(lightning.input).write(frame, expected, crop)
    assert slot.raw and not slot.tensor.any()
    Letterbox.of(lightning.input).fill(slot.frame, slot)
    assert not slot.raw and np.array_equal(slot.tensor, expected.tensor)


def test_letterbox_of_the_device_refuses_what_the_hosts_does(lightning, rng):
    letterbox, slot = DeviceLetterbox(lightning.input), Slot(192, 192)
    with pytest.raises(ConfigError, match="is empty"):
        letterbox.write(random_frame(rng, "gray8", 8, 8), slot, (0, 0, 0, 16))
    assert not slot.raw


@pytest.mark.parametrize(("name", "family"), [("lightning", "cpu"), ("lightning", "gpu"), ("lightweight", "cpu")])
def test_heads_of_real_frames_are_those_with_the_hosts_letterbox(data, request, device, family, name):
    model = request.getfixturevalue(name)
    layout = plan.plan(reader.read(model.file("tflite")))
    layout.keep_input()
    running = executor.load(device, layout, shapes.everywhere(layout, family, shapes.DENSE[family, "floats"]))
    drawing, found = running.canvas(model.input), []
    for letterbox in (DeviceLetterbox(model.input), Letterbox.of(model.input)):
        slot = Slot(model.input.height, model.input.width)
        for frame in islice(clip(data), 3):
            letterbox.write(frame, slot)
            drawing.show(slot)
            running.run()
            found.append(running.outputs.copy())
    assert n_differing(found[:3], found[3:]) == 0 and n_differing(found[:1], found[1:2]) > 1000


@pytest.fixture
def two(lightning, device):
    """Backends with the letterbox on the host and on the device."""
    made = [opened("opencl", lightning, device=number_of(device), letterbox=place) for place in ("host", "device")]
    yield made
    for backend in made:
        backend.close()


def heads(model, backend, frames):
    letterbox, slot, found = letterbox_of(model, backend), Slot(192, 192), []
    for frame in frames:
        letterbox.write(frame, slot)
        slot.describe(frame)
        backend.infer(slot)
        found += [output.copy() for output in backend.outputs]
    return found


def test_stream_that_changes_size_and_format_gives_the_same_heads(lightning, rng, two):
    kinds = [("nv12", 640, 480), ("nv12", 640, 480), ("nv12", 320, 480), ("yuyv422", 320, 480), ("bgr24", 20, 30),
             ("gray8", 501, 99), ("nv12", 640, 480)]
    frames = [random_frame(rng, *kind) for kind in kinds]
    assert two[0].letterbox is None and isinstance(two[1].letterbox, DeviceLetterbox)
    assert n_differing(*(heads(lightning, backend, frames) for backend in two)) == 0


def test_device_is_the_usual_place_on_a_gpu_only(lightning, device):
    assert [usual_place(type) for type in devices.TYPES] == ["device", "host", "host"]
    backend = opened("opencl", lightning, device=number_of(device))
    assert bool(backend.letterbox) == (devices.type_of(devices.find_package(), device) == "GPU")


def test_pipeline_and_estimator_find_the_same_poses(lightning, device, rng):
    frames, found = [random_frame(rng, "yuv420p", 200, 150, seq=seq) for seq in range(4)], {}
    for place in ("host", "device"):
        settings = {"device": number_of(device), "letterbox": place}
        found[place] = []
        with Pipeline(ListSource(frames), lightning, backends.create("opencl", **settings),
                      decoders.create(lightning), keep_picture=True, keep_frame=True) as stages:
            found[place] += [poses.keypoints_q4.tolist() for poses in stages]
        with edgepose.PoseEstimator(backend="opencl", **settings) as estimator:
            found[place] += [estimator.estimate(frames[0], crop=(9, 7, 80, 90)).keypoints_q4.tolist()]
            found[place] += [poses.keypoints_q4.tolist() for poses, _ in zip(estimator.stream(CLIP), range(3))]
    assert len(found["host"]) == 8 and found["host"] == found["device"]


def test_eval_finds_the_same_poses(data, lightning, device):
    from edgepose.evaluate.annotations import Picture

    folder = data / "coco-dev" / "images"
    file, found = min(path.name for path in folder.glob("*.jpg")), []
    for place in ("host", "device"):
        backend = backends.create("opencl", device=number_of(device), letterbox=place)
        with Predictor(lightning, backend, make_decode(lightning, "int")) as predictor:
            found.append(predictor.find(Picture(1, file, None, None), str(folder), (100, 200, 5000, 4000)).keypoints)
    assert np.array_equal(*found)


@pytest.mark.skipif(native.KIND == "twins", reason="the twins allocate; no compiled kernels here")
@pytest.mark.parametrize("still", [True, False])
def test_frames_allocate_nothing(lightning, rng, two, still, monkeypatch):
    backend, slot, frame = two[1], Slot(192, 192), random_frame(rng, "nv12", 640, 480, slack=8)
    crops = [None if still else (16 * n, 8 * n, 3000 + n, 3000 + n) for n in range(40)]

    def one(crop):
        backend.letterbox.write(frame, slot, crop)
        backend.infer(slot)

    for crop in crops:
        one(crop)
    monkeypatch.delattr(devices.find_package(), "Buffer")
    blocks = sys.getallocatedblocks()
    tracemalloc.start()
    for crop in crops:
        one(crop)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4096 and sys.getallocatedblocks() - blocks < 20


class Kept:
    """An event that can be watched."""

    def __init__(self, event):
        self.event = event


class Watch:
    """Stands for pyopencl's `enqueue_copy`, and looks whether anything would have waited."""

    def __init__(self, copy):
        self._copy, self.events, self.blocking = copy, [], []

    def __call__(self, queue, to, source, **more):
        self.blocking.append(more["is_blocking"])
        event = self._copy(queue, to, source, **more)
        if more["is_blocking"]:
            assert all(kept() is not None for kept in self.events)  # one that was let go would have been waited for
        kept = Kept(event)
        self.events.append(weakref.ref(kept))
        return kept


@pytest.mark.parametrize("place", [0, 1])
def test_only_the_last_call_of_a_frame_waits(lightning, rng, two, place, monkeypatch):
    backend, frame = two[place], random_frame(rng, "yuv420p", 640, 480)
    heads(lightning, backend, [frame])
    watch = Watch(devices.find_package().enqueue_copy)
    monkeypatch.setattr(devices.find_package(), "enqueue_copy", watch)
    heads(lightning, backend, [frame])
    assert watch.blocking == [False] * (3 if place else 1) + [True]


def test_picture_that_does_not_fit_the_device_is_a_backend_error_and_the_next_runs(lightning, rng, two, monkeypatch):
    frames = [random_frame(rng, "nv12", 64, 48), random_frame(rng, "bgr24", 64, 48)]
    expected = heads(lightning, two[0], frames[:1])
    heads(lightning, two[1], frames[:1])
    cl = devices.find_package()
    with monkeypatch.context() as patch:
        def refuse(*_):
            raise cl.MemoryError("out of resources")

        patch.setattr(cl, "Buffer", refuse)
        with pytest.raises(BackendError, match="failed on frame 0: out of resources"):
            heads(lightning, two[1], frames[1:])
    assert n_differing(expected, heads(lightning, two[1], frames[:1])) == 0


def test_backend_that_takes_over_gets_the_frames_that_were_meant_for_the_device(lightning, device, rng, monkeypatch):
    pictures, found, lines = [random_frame(rng, "nv12", 200, 150, seq=seq) for seq in range(6)], [], []
    for backend in (backends.create("tflite"), standby.Standby(
            backends.create("opencl", device=number_of(device), letterbox="device"), ["tflite"], {}, lines.append)):
        with Pipeline(ListSource(pictures), lightning, backend, decoders.create(lightning)) as stages:
            found.append([])
            for poses in stages:
                found[-1].append(poses.keypoints_q4.tolist())
                if poses.seq == 2 and backend.name == "opencl":
                    monkeypatch.setattr(devices.find_package(), "enqueue_nd_range_kernel", lost)
    assert found[0] == found[1] and len(found[1]) == 6 and "device lost" in lines[0]


def lost(*_):
    raise devices.find_package().RuntimeError("device lost")


def test_driver_that_does_not_build_it_says_why(lightning, device, monkeypatch, tmp_path):
    for file in programs.FOLDER.glob("*.cl"):
        (tmp_path / file.name).write_text(file.read_text() + "\nno_such_type x;\n" * (file.stem == "letterbox"))
    monkeypatch.setattr(programs, "FOLDER", tmp_path)
    with pytest.raises(BackendError, match="cannot build the letterbox: .*no_such_type"):
        opened("opencl", lightning, device=number_of(device), letterbox="device")
    assert opened("opencl", lightning, device=number_of(device), letterbox="host").letterbox is None


def run(*arguments):
    return cli.main(["run", str(CLIP), "--backend", *map(str, arguments)])


def test_run_prints_the_same_poses(device, capsys):
    printed = []
    for place in ("host", "device"):
        assert run("opencl", "--device", number_of(device), "--letterbox", place, "--max-frames", 3) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] and printed[0].count('"keypoints"') >= 1


@pytest.mark.parametrize("arguments, line", [
    (["opencl", "--letterbox", "gpu"], "letterbox 'gpu' is not known; one of host, device"),
    (["tflite", "--letterbox", "device"], "backend tflite takes no letterbox; opencl does")])
def test_wrong_place_is_one_line(arguments, line, capsys):
    assert run(*arguments) == 2
    assert capsys.readouterr().err == f"edgepose: {line}\n"
