"""Cameras that go wrong, on real servers: RTSP from GStreamer, HTTP from the standard library, plain sockets."""

import re
import socket
import threading
from contextlib import suppress

import pytest

from tests.cameras import WAIT_S, Relay, Watched, jpeg, motion_jpeg
from tests.sources_media import damage, make_video, serve_http, two_halves
from tests.unit.test_sources_live import start_rtsp


@pytest.fixture
def clips(tmp_path):
    """A function that makes four seconds of video in a size."""
    def make(width=320, height=240):
        return make_video(tmp_path / f"{width}.mp4", pictures=[two_halves(width, height)] * 100, rate=25,
                          options={"g": "5", "preset": "ultrafast"})

    return make


@pytest.fixture
def rtsp():
    """A function that serves a clip, on a port if need be: (address, port, a function that kills the server)."""
    processes = []

    def serve(clip, port=0):
        process, address = start_rtsp(clip, "", str(port))
        processes.append(process)
        return address, int(re.search(r":(\d+)/", address)[1]), lambda: (process.kill(), process.wait(WAIT_S))

    yield serve
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def http():
    """A function that serves an answer and gives its address."""
    stops = []

    def serve(handle):
        address, stop = serve_http(handle)
        stops.append(stop)
        return address + "/video"

    yield serve
    for stop in stops:
        stop()


@pytest.fixture
def line(rtsp, clips):
    """A Relay before an RTSP server, and the camera's address behind it."""
    address, port, _ = rtsp(clips())
    with Relay(port) as relay:
        yield relay, address.replace(f":{port}/", f":{relay.port}/")


def test_camera_when_its_server_is_killed_and_comes_back_in_another_size_then_so_do_frames(rtsp, clips):
    address, port, kill = rtsp(clips())
    with Watched(address) as camera:
        assert camera.frames(3) == [(320, 240)] * 3 and camera.health["state"] == "live"
        kill()
        health = camera.loss()
        assert health["state"] == "down" and health["fps"] == 0 and address in health["last_error"]
        rtsp(clips(160, 120), port)
        while camera.frames(1) != [(160, 120)]:
            assert camera.health["n_frames"] < 200
        assert camera.health["n_reconnects"] == 1 and camera.health["width"] == 160


def test_camera_when_nobody_listens_at_first_then_it_is_tried_again_as_one_that_was_lost(rtsp, clips):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with Watched(f"rtsp://user:secret@127.0.0.1:{port}/clip") as camera:
        health = camera.loss()
        assert health["state"] == "down" and "Connection refused" in health["last_error"]
        assert "secret" not in health["last_error"] + repr(camera) and health["n_frames"] == 0
        rtsp(clips(), port)
        assert camera.frames(1) == [(320, 240)] and camera.health["n_reconnects"] == 0


def test_camera_when_its_line_falls_silent_in_mid_stream_then_stalled_and_back(line):
    relay, address = line
    with Watched(address, timeout_s=0.5) as camera:
        camera.frames(3)
        relay.fail("silent")
        health = camera.loss()
        assert health["state"] == "stalled" and "nothing came for 0.5 s" in health["last_error"]
        relay.fail(None)
        camera.frames(3)
        assert camera.health["state"] == "live" and camera.health["n_reconnects"] == 1


def test_camera_when_its_line_sends_garbage_in_mid_stream_then_lost_and_back(line):
    relay, address = line
    with Watched(address, timeout_s=0.5) as camera:
        camera.frames(3)
        relay.fail("garbage")
        assert camera.loss()["state"] in ("stalled", "down")
        relay.fail(None)
        before = camera.health["n_frames"]
        camera.frames(3)
        assert camera.health["n_reconnects"] == 1 and camera.health["n_frames"] > before


def test_camera_when_its_line_is_slow_then_frames_all_the_same(line):
    relay, address = line
    relay.fail("slow")
    with Watched(address) as camera:
        camera.frames(10)
        assert camera.health["state"] == "live" and camera.health["last_error"] is None


def test_camera_when_its_line_breaks_again_and_again_then_it_comes_back_each_time(line):
    relay, address = line
    with Watched(address) as camera:
        for n in range(3):
            camera.frames(2)
            assert camera.health["n_reconnects"] == n
            relay.hang_up()
            camera.loss()
        assert relay.n_calls >= 3


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_camera_when_address_accepts_and_says_nothing_then_lost_in_time(scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"{scheme}://127.0.0.1:{server.getsockname()[1]}/live"
        with Watched(address, timeout_s=0.2) as camera:
            health = camera.loss()
    assert health["state"] == "down" and health["last_error"].startswith(address)


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_camera_when_closed_while_an_address_does_not_answer_then_its_thread_is_gone_at_once(scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        camera = Watched(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/live", timeout_s=30)
        camera.start()
        caller, _ = server.accept()
        closing = threading.Thread(target=camera.close)
        closing.start()
        closing.join(1)  # of 60 that it would wait
        assert not closing.is_alive() and not camera._thread.is_alive()
        caller.close()


def test_camera_when_closed_while_it_waits_to_call_again_then_its_thread_is_gone_at_once():
    with Watched("nowhere.mp4", wait_s=1000) as camera:
        camera.loss()
        camera.close()
        camera.close()
    assert not camera._thread.is_alive()


def test_camera_when_motion_jpeg_changes_its_size_in_mid_stream_then_frames_follow(http):
    end = threading.Event()
    pictures = [jpeg(64, 48)] * 20 + [jpeg(96, 80)] * 20
    with Watched(http(motion_jpeg(*pictures, then=end))) as camera:
        while camera.frames(1) != [(96, 80)]:
            assert camera.health["n_reconnects"] == 0
        end.set()
        assert camera.health["width"] == 96


def test_camera_when_pictures_are_damaged_then_counted_over_all_connections(http):
    broken = jpeg()[:200]
    with Watched(http(motion_jpeg(*[jpeg(), broken] * 12))) as camera:
        first, second = camera.loss()["n_broken"], camera.loss()["n_broken"]
    assert first >= 5 and second >= 2 * first - 2


def test_camera_when_packets_come_and_no_picture_then_stalled(http, tmp_path):
    clip = make_video(tmp_path / "a.ts", n=600, options={"g": "1000", "preset": "ultrafast"})
    with open(clip, "rb") as file:
        start, rest = file.read(188 * 3), file.read()
    end = threading.Event()

    def handle(request):
        request.send_response(200)
        request.end_headers()
        request.wfile.write(start)
        with suppress(OSError):
            while not end.is_set():  # never a key frame again
                request.wfile.write(rest[len(rest) // 2 // 188 * 188:])

    with Watched(http(handle), timeout_s=0.3) as camera:
        health = camera.loss()
        end.set()
    assert health["n_frames"] == 0 and "no picture in what came for 0.3 s" in health["last_error"]


def test_camera_when_a_file_then_it_is_looped_as_a_live_source(tmp_path):
    clip = make_video(tmp_path / "a.mp4", n=5, rate=50)
    with Watched(clip) as camera:
        while camera.health["n_frames"] < 12:
            camera.frames(1)
        assert camera.health["state"] == "live" and camera.health["n_reconnects"] == 0


def test_camera_when_a_file_is_damaged_then_it_goes_on_all_the_same(tmp_path):
    clip = make_video(tmp_path / "a.mp4", n=30, rate=100, options={"g": "5"})
    damage(clip, 0.3, 0.5)
    with Watched(clip) as camera:
        camera.frames(1)
        while not camera.health["n_broken"]:
            camera.frames(1)


def test_camera_when_tapped_then_packets_with_their_stream_come_before_frames(tmp_path):
    taken = []
    clip = make_video(tmp_path / "a.mp4", n=5, rate=50)

    def tap(packet, stream):
        taken.append((packet.is_keyframe, stream.codec_context.name))

    with Watched(clip, tap=tap) as camera:
        camera.frames(1)
        assert taken[0] == (True, "h264")
        while len(taken) < 6:
            camera.frames(1)
    assert taken[5] == (True, "h264")
