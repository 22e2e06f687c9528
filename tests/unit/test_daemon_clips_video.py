"""The ring of packets and MP4 files made of it, with real containers and a real RTSP server."""

import gc
import os
import resource

import av
import numpy as np
import pytest

from edgepose.daemon.clips.looks import look_of
from edgepose.daemon.clips.packets import PacketRing
from edgepose.daemon.clips.video import VideoClip
from edgepose.errors import SinkError, SourceError
from edgepose.sources import open_source
from tests.daemon_clips import S, event_id, shelf
from tests.sources_media import make_video, two_halves
from tests.unit.test_sources_live import start_rtsp

ID = event_id(1)
NOISE = [np.random.default_rng(i).integers(0, 256, (48, 64, 3), np.uint8) for i in range(60)]
GOP = {"g": "10", "sc_threshold": "0"}


class Camera:
    """Feeds files to a ring, packet by packet, each at its own time."""

    def __init__(self, n_bytes=1 << 20):
        self.now_ns = 100 * S
        self.ring = PacketRing(n_bytes, clock_ns=lambda: self.now_ns)

    def play(self, path, skip=0, each=lambda: None):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            for i, packet in enumerate(container.demux(stream)):
                if i >= skip:
                    self.ring.tap(packet, stream)
                    self.now_ns += S // 30
                    list(packet.decode())
                    each()
        gc.collect()

    def record(self, on, begin_s=100.0, end_s=1000.0):
        clip = VideoClip(ID, self.ring, on, round(begin_s * S), round(end_s * S))
        clip.follow()
        return clip.close()


def frames_of(path):
    with av.open(str(path)) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def assert_same(path, source, first=0):
    """A file shows what the source does, from a frame on, and begins at 0."""
    own, given = frames_of(path), frames_of(source)[first:]
    assert len(own) == len(given) > 0 and all(np.array_equal(a[1], b[1]) for a, b in zip(own, given))
    times = np.array([t for t, _ in own])
    assert abs(times[0]) < 0.2 and np.allclose(np.diff(times), np.diff([t for t, _ in given]), atol=0.002)


KINDS = {"mp4": ("libx264", "yuv420p", GOP), "b-frames.mp4": ("libx264", "yuv420p", {**GOP, "bf": "2"}),
         "ts": ("libx264", "yuv420p", {**GOP, "bf": "0"}), "avi": ("mjpeg", "yuvj420p", {}),
         "hevc.mp4": ("libx265", "yuv420p", {"x265-params": "keyint=10:log-level=none:bframes=0"})}


def video(tmp_path, kind, **more):
    codec, pix_fmt, options = KINDS[kind]
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no {codec}")
    return make_video(tmp_path / f"in.{kind}", pictures=NOISE, codec=codec, pix_fmt=pix_fmt, options=options, **more)


@pytest.mark.parametrize("kind", KINDS)
def test_clip_when_the_camera_is_long_gone_then_its_packets_play_as_they_were(tmp_path, kind):
    path, camera = video(tmp_path, kind), Camera()
    camera.play(path)
    assert camera.record(shelf(tmp_path / "clips"))
    assert_same(tmp_path / "clips" / f"{ID}.mp4", path)


@pytest.mark.parametrize("kind, first", [("mp4", 30), ("ts", 30), ("hevc.mp4", 30), ("avi", 34)])
def test_clip_when_it_begins_between_key_frames_then_from_the_one_before(tmp_path, kind, first):
    path, camera = video(tmp_path, kind), Camera()
    camera.play(path)
    camera.record(shelf(tmp_path / "clips"), begin_s=100 + 34.5 / 30)
    assert_same(tmp_path / "clips" / f"{ID}.mp4", path, first)


def test_clip_when_packets_are_written_then_no_byte_of_them_changes(tmp_path):
    path, camera = video(tmp_path, "avi"), Camera()
    camera.play(path)
    camera.record(shelf(tmp_path / "clips"))
    own, given = ([bytes(p) for p in av.open(str(p)).demux(video=0) if p.size]
                  for p in (tmp_path / "clips" / f"{ID}.mp4", path))
    assert own == given


def test_clip_when_it_ends_then_nothing_later_is_in_it(tmp_path):
    camera = Camera()
    camera.play(video(tmp_path, "mp4"))
    camera.record(shelf(tmp_path / "clips"), end_s=100 + 24.5 / 30)
    assert len(frames_of(tmp_path / "clips" / f"{ID}.mp4")) == 25


def test_clip_when_it_follows_while_packets_come_then_it_is_the_same(tmp_path):
    path, camera = video(tmp_path, "mp4"), Camera(n_bytes=20_000)  # far less than the video
    clip = VideoClip(ID, camera.ring, shelf(tmp_path / "clips"), 0, 1000 * S)
    camera.play(path, each=clip.follow)
    assert clip.close() and os.path.getsize(path) > 60_000
    assert_same(tmp_path / "clips" / f"{ID}.mp4", path)


def test_clip_when_the_disk_was_too_slow_then_it_goes_on_at_the_next_key_frame(tmp_path):
    path, camera = video(tmp_path, "mp4"), Camera(n_bytes=40_000)
    clip, count = VideoClip(ID, camera.ring, shelf(tmp_path / "clips"), 0, 1000 * S), iter(range(100))
    camera.play(path, each=lambda: clip.follow() if next(count) < 5 else None)
    clip.follow()
    clip.close()
    own, given = frames_of(tmp_path / "clips" / f"{ID}.mp4"), frames_of(path)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(own[:5], given))
    assert np.array_equal(own[5][1], given[60 - (len(own) - 5)][1]) and (len(own) - 5) % 10 == 0


def test_clip_when_the_camera_reconnects_then_one_file_with_the_pause_in_it(tmp_path):
    path, camera = video(tmp_path, "ts"), Camera()
    camera.play(path)
    camera.now_ns += 3 * S
    camera.play(path)
    camera.record(shelf(tmp_path / "clips"))
    times = [t for t, _ in frames_of(tmp_path / "clips" / f"{ID}.mp4")]
    assert len(times) == 120 and max(np.diff(times)) == pytest.approx(3, abs=0.2) and min(np.diff(times)) > 0.02
    assert not shelf(tmp_path / "clips").directory.joinpath(f"{ID}.2.mp4").exists()


def test_clip_when_a_new_stream_begins_without_a_key_frame_then_that_is_awaited(tmp_path):
    path, camera = video(tmp_path, "mp4"), Camera()
    camera.play(path, skip=35)
    camera.record(shelf(tmp_path / "clips"))
    assert_same(tmp_path / "clips" / f"{ID}.mp4", path, 40)
    assert camera.ring.n_lost == 5 and camera.ring.n_packets == 20


@pytest.mark.parametrize("codec, pix_fmt", [("libx264", "yuv420p"), ("mjpeg", "yuvj420p")])
def test_clip_when_the_next_connection_has_another_size_then_another_file(tmp_path, codec, pix_fmt):
    camera = Camera()
    for name, size in (("a", (64, 48)), ("b", (128, 96))):
        make = {"codec": codec, "pix_fmt": pix_fmt, "pictures": [two_halves(*size)] * 12}
        camera.play(make_video(tmp_path / f"{name}.mkv", **make))
    camera.record(shelf(tmp_path / "clips"))
    shapes = [{f.shape for _, f in frames_of(tmp_path / "clips" / (ID + end))} for end in (".mp4", ".2.mp4")]
    assert shapes == [{(48, 64, 3)}, {(96, 128, 3)}]


def test_clip_when_the_size_changes_within_a_stream_then_another_file_of_that_size(tmp_path):
    parts = []
    for name, size in (("a", (64, 48)), ("b", (128, 96))):
        pictures = [two_halves(*size)] * 12
        parts.append(make_video(tmp_path / f"{name}.h264", pictures=pictures, options={**GOP, "bf": "0"}))
    (tmp_path / "both.h264").write_bytes(b"".join(open(part, "rb").read() for part in parts))
    camera = Camera()
    camera.play(tmp_path / "both.h264")  # which has no time stamps either
    camera.record(shelf(tmp_path / "clips"))
    for end, size in ((".mp4", (64, 48)), (".2.mp4", (128, 96))):
        with av.open(str(tmp_path / "clips" / (ID + end))) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height) == size and stream.codec_context.extradata[0] == 1
            frames = list(container.decode(stream))
        assert len(frames) == 12 and frames[-1].time == pytest.approx(11 / 30, abs=0.03)


def test_clip_when_a_camera_changes_its_size_again_and_again_then_it_ends(tmp_path):
    camera = Camera()
    for i in range(12):
        camera.play(make_video(tmp_path / f"{i}.mp4", n=2, pictures=[two_halves(64 + 2 * i, 48)] * 2))
    camera.record(shelf(tmp_path / "clips"))
    assert len(os.listdir(tmp_path / "clips")) == 9


def test_clip_when_it_would_take_more_than_a_quarter_of_the_shelf_then_it_ends(tmp_path):
    camera = Camera()
    camera.play(video(tmp_path, "mp4"))
    camera.record(shelf(tmp_path / "clips", max_bytes=160_000))
    n = len(frames_of(tmp_path / "clips" / f"{ID}.mp4"))
    assert 5 < n < 40 and os.path.getsize(tmp_path / "clips" / f"{ID}.mp4") < 45_000


def test_clip_when_nothing_came_then_no_file(tmp_path):
    assert not Camera().record(shelf(tmp_path / "clips")) and os.listdir(tmp_path / "clips") == []


@pytest.mark.parametrize("room", [0, 5_000, 60_000])
def test_clip_when_the_disk_is_full_then_no_file_and_the_next_one_fits(tmp_path, room):
    camera, on = Camera(), shelf(tmp_path / "clips")
    camera.play(video(tmp_path, "mp4"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    clip = VideoClip(ID, camera.ring, on, 0, 1000 * S)
    try:
        with pytest.raises(SinkError, match=rf"{ID}\.mp4.*; name a path on another disk$"):
            clip.follow()
            clip.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    clip.give_up()
    assert os.listdir(on.directory) == [] and on.n_bytes == 0
    assert camera.record(on)


def test_ring_when_packets_are_too_large_for_it_then_they_are_counted(tmp_path):
    camera = Camera(n_bytes=2048)
    camera.play(video(tmp_path, "avi"))
    assert (camera.ring.n_lost, camera.ring.n_packets) == (60, 0)


def test_ring_when_full_then_it_holds_the_newest_and_its_memory_is_the_same(tmp_path):
    camera = Camera(n_bytes=40_000)
    camera.play(video(tmp_path, "mp4"))
    kept = camera.ring.since(0, n_bytes=1 << 30)
    assert kept[-1].serial == 59 and len(kept) > 5 and sum(len(packet.data) for packet in kept) <= 40_000
    assert [packet.serial for packet in kept] == list(range(60 - len(kept), 60))


def test_ring_when_an_mp4_cannot_hold_the_codec_then_it_says_so(tmp_path):
    camera = Camera()
    camera.play(make_video(tmp_path / "a.avi", codec="rawvideo", pix_fmt="yuv420p"))
    assert camera.ring.n_packets == 0 and "rawvideo does not go into an MP4" in camera.ring.refusal


def test_look_when_the_packet_is_damaged_then_nothing_is_raised(rng):
    for codec in ("h264", "hevc", "mjpeg", "vp9"):
        for n in range(200):
            data = rng.integers(0, 256, n % 40, dtype=np.uint8).tobytes()
            for start in (b"", b"\0\0\1", b"\0\0\0\1\x67", b"\xff\xd8\xff\xe0"):
                assert isinstance(look_of(codec, memoryview(start + data)), bytes)


@pytest.mark.parametrize("kind", ["ts", "hevc.mp4", "avi", "mp4"])
def test_clip_when_packets_are_damaged_then_it_is_kept_all_the_same(tmp_path, kind, rng):
    camera = Camera()
    with av.open(video(tmp_path, kind)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.size:
                camera.ring.tap(spoil(packet, rng), stream)
                camera.now_ns += S // 30
    assert camera.record(shelf(tmp_path / "clips"))
    kept = [packet for path in (tmp_path / "clips").iterdir() for packet in av.open(str(path)).demux(video=0)]
    assert sum(packet.size > 0 for packet in kept) >= 30


def spoil(packet, rng):
    """One packet in five with bytes overwritten, cut off, or another time stamp; the first one is left alone."""
    data, fault = bytearray(packet), int(rng.integers(0, 15)) if packet.pts else 15
    if fault == 0:
        data[int(rng.integers(0, len(data)))] ^= 0xFF
    other = av.Packet(bytes(data[:len(data) // 2] if fault == 1 else data))
    other.pts, other.dts, other.time_base = packet.pts, packet.dts, packet.time_base
    other.is_keyframe, other.duration = packet.is_keyframe, packet.duration
    if fault == 2:
        other.pts = other.dts = int(rng.integers(-(1 << 40), 1 << 40))
    return other


@pytest.mark.parametrize("n_reordered", [0, 2])
def test_rtsp_when_the_stream_is_over_then_its_packets_still_make_a_clip(tmp_path, serve, n_reordered):
    path = make_video(tmp_path / "in.mp4", pictures=NOISE[:40], rate=25, options={**GOP, "bf": str(n_reordered),
                                                                                 "threads": "1"})
    ring = PacketRing(1 << 20)
    source = open_source(serve(path), tap=ring.tap)
    with pytest.raises(SourceError):
        list(source)
    source.close()
    del source
    gc.collect()
    clip = VideoClip(ID, ring, shelf(tmp_path / "clips"), 0, 1 << 62)
    clip.follow()
    assert clip.close()
    own, given = frames_of(tmp_path / "clips" / f"{ID}.mp4"), frames_of(path)
    assert len(own) >= 30 and all(np.array_equal(a[1], b[1]) for a, b in zip(own, given))
    untimed = 1 + n_reordered  # FFmpeg has no time stamps for a connection's first pictures
    assert np.allclose(np.diff([t for t, _ in own])[untimed:], 0.04, atol=0.001)


@pytest.fixture
def serve():
    """A function that serves a file by RTSP and gives its address."""
    processes = []

    def start(path):
        process, address = start_rtsp(path)
        processes.append(process)
        return address

    yield start
    for process in processes:
        process.stdin.close()
        process.wait(10)
