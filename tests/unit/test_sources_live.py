"""Streams over the network: RTSP from a real server, HTTP from one of the standard library's."""

import gc
import io
import os
import socket
import subprocess
import threading
import time
import traceback
from pathlib import Path

import numpy as np
import pytest
from av.container import InputContainer
from PIL import Image

from edgepose.errors import SourceError, SourceTimeout
from edgepose.sources import open_source
from tests.sources_media import make_video, rgb_of, serve_http, two_halves

SERVER = Path(__file__).parent.parent / "rtsp_server.py"
SYSTEM_PYTHON = "/usr/bin/python3"
NOISE = [np.random.default_rng(i).integers(0, 256, (48, 64, 3), np.uint8) for i in range(30)]
BOUNDARY = b"--edge\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"


def start_rtsp(clip, *login):
    """The server's process and its address; skips the test where the server is not installed, but not in CI."""
    process = subprocess.Popen([SYSTEM_PYTHON, SERVER, clip, *login], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    said = process.stdout.readline().split()
    if said[:1] == ["ready"]:
        return process, said[1]
    reason = f"no RTSP server: {process.communicate()[1].strip().splitlines()[-1:]}; see {SERVER.name}"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture
def rtsp(tmp_path):
    """A function that serves two seconds of video and gives the address."""
    processes = []

    def serve(*login):
        clip = make_video(tmp_path / "clip.mp4", pictures=[two_halves(320, 240)] * 50, rate=25, options={"g": "10"})
        process, address = start_rtsp(clip, *login)
        processes.append(process)
        return address

    yield serve
    for process in processes:
        process.stdin.close()
        process.wait(10)


@pytest.fixture
def http():
    """A function that starts a server with a given answer and gives its address."""
    stops = []

    def serve(handle):
        address, stop = serve_http(handle)
        stops.append(stop)
        return address

    yield serve
    for stop in stops:
        stop()


@pytest.fixture
def mute():
    """host:port of a server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def motion_jpeg(n, then=None):
    """An answer of `n` pictures; `then` is an event to wait for before it ends."""
    with io.BytesIO() as file:
        Image.fromarray(two_halves()).save(file, "JPEG")
        picture = file.getvalue()

    def handle(request):
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=edge")
        request.end_headers()
        request.wfile.write(BOUNDARY % (len(picture), picture) * n)
        request.wfile.flush()
        if then is not None:
            then.wait(30)

    return handle


def send(data, **headers):
    """An answer of some bytes."""
    def handle(request):
        request.send_response(200)
        for key, value in headers.items():
            request.send_header(key.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(data)

    return handle


def test_rtsp_when_camera_sends_then_frames_with_arrival_times_until_it_ends(rtsp):
    begun = time.monotonic_ns()
    source = open_source(rtsp())
    assert source.live and source.n_frames is None
    times = []
    with pytest.raises(SourceError, match=r"^rtsp://127.0.0.1:\d+/clip: the stream (ended after|broke off)"):
        for frame in source:
            assert (frame.seq, frame.format, frame.width, frame.height) == (len(times), "yuv420p", 320, 240)
            times.append(frame.t_ns)
    assert len(times) >= 25  # the server lets go of the last ones
    assert times == sorted(times) and begun < times[0] and times[-1] <= time.monotonic_ns()
    source.close()
    assert source.read() is None


def test_rtsp_when_it_ended_and_is_let_go_then_its_decoder_is_free_without_a_collection(rtsp):
    source, address = None, rtsp()
    gc.collect()
    gc.disable()  # where nothing is allocated, nothing is ever collected
    try:
        source = open_source(address)
        with pytest.raises(SourceError):
            while source.read():
                pass
        source.close()
        for thread in [thread for thread in threading.enumerate() if thread.name == "edgepose-feed"]:
            thread.join(10)
        source = None
        assert not [one for one in gc.get_objects() if isinstance(one, InputContainer)]
    finally:
        gc.enable()


def test_rtsp_when_password_is_right_then_opens_and_never_shows_it(rtsp):
    with open_source(rtsp("user:geheim").replace("//", "//user:geheim@")) as source:
        assert source.read().seq == 0
        assert "geheim" not in repr(source) and source.name.startswith("rtsp://user:***@127.0.0.1:")


def test_rtsp_when_password_is_wrong_then_line_says_so_without_it(rtsp):
    address = rtsp("user:geheim").replace("//", "//user:falsch@")
    with pytest.raises(SourceError, match=r"user:\*\*\*@.*asks for another login") as caught:
        open_source(address)
    assert "falsch" not in "".join(traceback.format_exception(caught.value))


def test_rtsp_when_path_is_unknown_then_line_says_so(rtsp):
    with pytest.raises(SourceError, match="clip/nothing: Server returned 404 Not Found"):
        open_source(rtsp() + "/nothing")


def test_rtsp_when_closed_while_reading_then_read_gives_none(rtsp):
    source, counts = open_source(rtsp()), []
    assert source.read().seq == 0
    reader = threading.Thread(target=lambda: counts.append(len(list(source))))
    reader.start()
    source.close()
    reader.join(10)
    assert not reader.is_alive() and counts[0] < 49 and source.read() is None


def test_stream_when_nobody_listens_then_line_names_it_with_the_password_masked():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SourceError, match=rf"^rtsp://user:\*\*\*@127.0.0.1:{port}/live: Connection refused; check"):
        open_source(f"rtsp://user:secret@127.0.0.1:{port}/live")


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_stream_when_camera_never_answers_then_timeout_names_it(mute, scheme):
    with pytest.raises(SourceTimeout, match=rf"^{scheme}://user:\*\*\*@{mute}/live: "):
        open_source(f"{scheme}://user:secret@{mute}/live", timeout_s=0.2)


def test_stream_when_answer_is_no_video_then_one_line(http):
    address = http(send(b"<html>log in first</html>", Content_Type="text/html"))
    with pytest.raises(SourceError, match=f"^{address}: (no video|Input/output error)"):
        open_source(address)


def test_http_when_camera_sends_motion_jpeg_then_live_frames_until_it_ends(http):
    source = open_source(http(motion_jpeg(40)))
    assert source.live and source.n_frames is None
    frame = source.read()
    assert (frame.seq, frame.colour) == (0, "bt601-full") and abs(int(rgb_of(frame)[4, 4, 0]) - 200) < 12
    with pytest.raises(SourceError, match="^http://127.0.0.1:.*the stream (ended after|broke off)"):
        assert all(frame.seq for frame in source)


def test_http_when_camera_falls_silent_then_timeout(http):
    silence = threading.Event()
    with open_source(http(motion_jpeg(40, then=silence)), timeout_s=1) as source:
        with pytest.raises(SourceTimeout, match="^http://127.0.0.1"):
            list(source)
    silence.set()


def test_http_when_closed_while_waiting_for_a_silent_camera_then_read_ends_long_before_the_timeout(http):
    silence, counts = threading.Event(), []
    source = open_source(http(motion_jpeg(40, then=silence)), timeout_s=300)
    for _ in range(40 - 1):  # the parser holds the last one back
        source.read()
    reader = threading.Thread(target=lambda: counts.append(len(list(source))))
    reader.start()
    source.close()
    reader.join(30)
    assert not reader.is_alive() and counts[0] <= 1 and not source.is_open
    silence.set()


def test_http_when_file_tells_its_length_then_it_is_no_live_source(http, tmp_path):
    data = Path(make_video(tmp_path / "a.mp4", container={"movflags": "faststart"})).read_bytes()
    with open_source(http(send(data, Content_Length=len(data)))) as source:
        assert not source.live and source.n_frames == 10
        assert [frame.t_ns for frame in source] == [i * 1_000_000_000 // 30 for i in range(10)]


def test_http_when_stream_is_joined_midway_then_what_precedes_the_first_picture_is_not_broken(http, tmp_path):
    path = Path(make_video(tmp_path / "a.ts", pictures=NOISE * 2, options={"g": "30", "bf": "0"}))
    data = path.read_bytes()
    start = len(data) // 6 // 188 * 188
    with open_source(http(send(data[:188 * 3] + data[start:]))) as source:
        with pytest.raises(SourceError, match="the stream (ended after|broke off)"):
            assert all(frame.width == 64 for frame in source)
        assert source.n_broken == 0


def test_open_source_when_interrupted_by_the_user_then_the_interrupt_goes_through(mute, monkeypatch):
    from edgepose.sources.feed import Feed

    def interrupted(self, wait_s):
        raise KeyboardInterrupt

    monkeypatch.setattr(Feed, "take", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_source(f"rtsp://{mute}/live", timeout_s=0.2)
