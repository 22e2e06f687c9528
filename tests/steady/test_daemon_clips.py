"""Rings of poses and packets take their memory once; clips and reconnects leave nothing behind."""

import gc
import os
import sys
import tracemalloc

import av
import psutil

from edgepose.daemon.clips.packets import PacketRing
from edgepose.daemon.clips.skeleton import SkeletonRing
from edgepose.daemon.clips.video import VideoClip
from edgepose.skeleton import COCO17
from tests.conftest import ROOT
from tests.daemon_clips import Scene, event, event_id, poses, shelf

CLIP = str(ROOT / "edgepose" / "clips" / "pedestrians.mp4")


def remember(ring, frame, n):
    for _ in range(n):
        frame.t_ns += 100_000_000
        ring.remember(frame)


def test_poses_when_remembered_then_nothing_is_allocated():
    ring, frame = SkeletonRing(80.0, 8, COCO17), poses(0, n=8)
    remember(ring, frame, 500)
    gc.collect()
    blocks = sys.getallocatedblocks()
    remember(ring, frame, 4500)
    assert sys.getallocatedblocks() - blocks < 10
    tracemalloc.start()
    remember(ring, frame, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4096


def test_poses_when_a_day_of_them_came_then_the_ring_is_as_large_as_before():
    ring, frame = SkeletonRing(10.0, 8, COCO17), poses(0, n=8)
    before = ring.n_bytes
    remember(ring, frame, 864)
    assert ring.n_bytes == before < 250_000 and len(ring.cut(0, 1 << 62)) == 108


def reconnect(ring, n):
    """Play the clip, as a camera that was away each time: packets kept."""
    for _ in range(n):
        with av.open(CLIP) as container:
            stream = container.streams.video[0]
            for packet in container.demux(stream):
                ring.tap(packet, stream)
    gc.collect()


def test_packets_when_a_camera_comes_and_goes_then_memory_is_flat():
    ring, process, resident, blocks = PacketRing(1 << 18), psutil.Process(), [], []
    for _ in range(6):
        reconnect(ring, 25)
        resident.append(process.memory_info().rss)
        blocks.append(sys.getallocatedblocks())
    assert ring.n_packets == 6 * 25 * 57
    assert max(resident[2:]) - resident[1] < 1 << 20 and max(blocks[2:]) - blocks[1] < 500


def test_clips_when_hundreds_were_kept_then_memory_and_descriptors_are_flat(tmp_path):
    scene, process, resident, descriptors = Scene(tmp_path, after_s=0.5), psutil.Process(), [], []
    for n in range(180):
        scene.tell(event(n, scene.now_ms, scene.now_ms))
        scene.run(1.5)
        if n % 30 == 29:
            gc.collect()
            resident.append(process.memory_info().rss)
            descriptors.append(process.num_fds())
    assert scene.shelf.n_files == 180 and scene.recorder.health()["n_open"] == 0
    assert max(resident[2:]) - resident[1] < 1 << 20 and len(set(descriptors)) == 1


def test_videos_when_many_were_kept_then_memory_and_descriptors_are_flat(tmp_path):
    ring, on, process, resident, descriptors = PacketRing(1 << 18), shelf(tmp_path), psutil.Process(), [], []
    reconnect(ring, 3)
    for n in range(120):
        clip = VideoClip(event_id(n), ring, on, 0, 1 << 62)
        clip.follow()
        assert clip.close()
        if n % 20 == 19:
            gc.collect()
            resident.append(process.memory_info().rss)
            descriptors.append(process.num_fds())
    assert max(resident[2:]) - resident[1] < 1 << 20 and len(set(descriptors)) == 1
    assert len(os.listdir(tmp_path)) == on.n_files > 0
