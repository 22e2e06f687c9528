"""Cameras come and go, frames pass, and nothing stays behind: memory, threads, descriptors."""

import gc
import os
import sys
import threading
import tracemalloc
import weakref

import numpy as np
import psutil
import pytest

from edgepose import model
from edgepose.daemon.cameras.blindness import LOOK_NS, BlindWatch
from edgepose.daemon.config.settings import Settings
from edgepose.daemon.loop import InferenceLoop
from edgepose.ring import Slot
from tests.cameras import Door, Watched, jpeg, motion_jpeg
from tests.conftest import create_backend
from tests.sources_media import serve_http
from tests.steady.test_memory import compiled

LIGHTNING = model.load(model.DEFAULT)


def make_loop(doors, backend="replay"):
    return InferenceLoop(Settings(()), LIGHTNING, lambda _: create_backend(backend), doors, lambda *_: None,
                         lambda _: None)


@compiled
def test_loop_when_5000_frames_pass_then_no_blocks_are_kept_and_a_frame_takes_less_than_4_kib():
    doors, blocks = [Door("a", (640, 480)), Door("b", (320, 240))], {}
    loop = make_loop(doors)
    for n in range(2501):
        for door in doors:
            door.send()
            loop.step(0)
        if n % 700 == 300:  # the same frame of the recording
            gc.collect()
            blocks[n] = sys.getallocatedblocks()
    doors[0].send()
    tracemalloc.start()
    loop.step(0)
    doors[0].send()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    loop.step(0)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    loop.close()
    assert blocks[2400] - blocks[300] <= 64 and peak < 4096  # the tables of tracks hold other numbers


def test_blindness_when_looking_then_less_than_4_kib_at_its_peak(rng):
    watch, slot = BlindWatch(), Slot(192, 192)
    slot.fit.inside = 0, 192, 42, 150
    slot.tensor[:] = rng.integers(0, 256, slot.tensor.shape)

    def look(n):
        slot.t_ns = n * LOOK_NS
        slot.tensor[50:60] = n % 251
        return watch.update(slot)

    for n in range(200):
        look(n)
    blocks = sys.getallocatedblocks()
    tracemalloc.start()
    look(200)
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    for n in range(201, 400):
        look(n)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 4096 and sys.getallocatedblocks() - blocks <= 16


@pytest.mark.parametrize("backend", ["replay", "tflite", "openvino"])
def test_loop_when_cameras_come_and_go_then_nothing_of_them_stays(backend):
    loop, gone = make_loop([Door("stays")], backend), []
    for n in range(6):
        door = Door(f"guest{n}")
        loop.add(door)
        door.send()
        loop.step(0)
        gone += [weakref.ref(slot) for slot in door.ring.slots]
        gone += [weakref.ref(slot) for slot in _own_slots(loop._seats[-1].view.finder)]
        loop.remove(door.name)
        del door
    gc.collect()
    assert len(gone) >= 18 and not [ref for ref in gone if ref() is not None]
    loop.close()


def _own_slots(finder):
    return finder._look._slots if hasattr(finder, "_look") else ()


def own_threads():
    return sorted(thread.name for thread in threading.enumerate() if thread.name.startswith("edgepose"))


def test_camera_when_it_reconnects_a_few_dozen_times_then_no_thread_descriptor_or_memory_stays():
    handled, process = motion_jpeg(*[jpeg(320, 240)] * 6), psutil.Process()
    address, stop = serve_http(handled)
    before, resident = set(own_threads()), []
    try:
        with Watched(address + "/video", wait_s=0) as camera:
            for n in range(1, 61):
                camera.loss()
                if n in (20, 60):
                    gc.collect()
                    resident.append((process.memory_info().rss, process.num_fds()))
            assert camera.health["n_reconnects"] >= 58 and camera.health["n_frames"] >= 120
    finally:
        stop()
    for thread in threading.enumerate():
        if thread.name == "edgepose-feed" and thread.name not in before:
            thread.join(10)
    assert set(own_threads()) == before
    (first_bytes, first_fds), (last_bytes, last_fds) = resident
    assert last_bytes - first_bytes < first_bytes // 50 and abs(last_fds - first_fds) <= 4


def test_capture_when_frames_pass_then_nothing_is_kept_in_its_thread(tmp_path):
    from tests.sources_media import make_video

    pictures = [np.full((240, 320, 3), i, np.uint8) for i in range(30)]
    with Watched(make_video(tmp_path / "a.mp4", pictures=pictures, rate=500)) as camera:
        blocks = []
        for n in (60, 600):
            while camera.health["n_frames"] < n:
                camera.frames(1)
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    assert blocks[1] - blocks[0] < 200  # what a connection holds, at another moment of it
    assert os.path.exists(tmp_path / "a.mp4")
