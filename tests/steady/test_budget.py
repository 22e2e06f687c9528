"""What a board with 512 MB has for us is 200 MB: `edgepose run` and the daemon within it, in a control group."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from fractions import Fraction

import av
import pytest

from edgepose import backends
from tests import cgroup
from tests.cameras import ENTERED
from tests.conftest import ROOT
from tests.unit.test_sources_live import start_rtsp

BUDGET_BYTES, PATIENCE_S = 200_000_000, 90.0
CLIP = ROOT / "edgepose" / "clips" / "pedestrians.mp4"
EDGEPOSE = [sys.executable, "-m", "edgepose"]
#: A board has one runtime; on others its measuring would count OpenVINO, which such a board cannot have.
CONFIG = """
[daemon]
directory = "{folder}/store"
backend = "tflite"

[web]
listen = "{address}"

[clips]
mode = "video"

[[camera]]
name = "yard"
source = "{source}"
""" + ENTERED
pytestmark = pytest.mark.skipif("tflite" not in backends.installed(), reason="no tflite runtime is installed")


@pytest.fixture
def group():
    """A control group of 200 MB."""
    try:
        with cgroup.limited(BUDGET_BYTES) as made:
            yield made
    except cgroup.Unavailable as reason:
        pytest.skip(f"{reason}; needs root and the kernel's memory controller")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The shipped clip at 1920x1080, H.264."""
    path = tmp_path_factory.mktemp("large") / "large.mp4"
    with av.open(str(CLIP)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast", "refs": "4", "g": "20"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for n, frame in enumerate(source.decode(video=0)):
            bigger = frame.reformat(1920, 1080)
            bigger.pts, bigger.time_base = n, Fraction(1, 10)
            out.mux(stream.encode(bigger))
        out.mux(stream.encode(None))
    return path


def took(group, record_property):
    """What the group's processes had at most, MB; said in the report."""
    record_property("peak_mb", group.peak_bytes // 1_000_000)
    print(f"{group.peak_bytes / 1e6:.0f} MB at most, limit met {group.n_pushed} times")
    return group.peak_bytes


def test_group_when_a_process_takes_more_then_it_is_killed(group):
    greedy = group.start([sys.executable, "-c", "b'x' * 300_000_000"])
    assert greedy.wait(PATIENCE_S) == -signal.SIGKILL and group.n_killed == 1


@pytest.mark.parametrize("size", ["shipped", "1080p"])
def test_run_when_it_has_200_mb_then_it_ends_well(group, request, tmp_path, record_property, size):
    clip = request.getfixturevalue("large") if size == "1080p" else CLIP
    command = [*EDGEPOSE, "run", clip, "--backend", "tflite", "--max-frames", 5, "--output", tmp_path / "o"]
    run = group.start(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    _, told = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0 and len((tmp_path / "o").read_text().splitlines()) == 5, told
    assert group.n_killed == 0 and 50_000_000 < took(group, record_property) < BUDGET_BYTES


@pytest.fixture
def camera(large):
    """The address of an RTSP camera of 1920x1080."""
    server, address = start_rtsp(large)
    yield address
    server.stdin.close()
    server.wait(10)


def test_daemon_when_it_has_200_mb_then_it_sees_tells_shows_and_keeps_a_video(group, camera, tmp_path, record_property):
    pytest.importorskip("aiohttp", reason="the daemon needs aiohttp")
    path, address = tmp_path / "c.toml", free_address()
    path.write_text(CONFIG.format(folder=tmp_path, source=camera, address=address))
    daemon = start_daemon(group, path, str(tmp_path / "notify"))
    asyncio.run(asyncio.wait_for(watch(address), PATIENCE_S))
    daemon.send_signal(signal.SIGTERM)
    _, told = daemon.communicate(timeout=PATIENCE_S)
    assert daemon.returncode == 0, told
    assert list((tmp_path / "store" / "clips").rglob("*.mp4"))
    assert group.n_killed == 0 and 50_000_000 < took(group, record_property) < BUDGET_BYTES


def free_address():
    """A port of this machine that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def start_daemon(group, config, notify):
    """The daemon's process, once it says that it is ready."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(notify)
        listening.settimeout(PATIENCE_S)
        started = group.start([*EDGEPOSE, "daemon", "--config", config], stderr=subprocess.PIPE, text=True, cwd=ROOT,
                              env={**os.environ, "NOTIFY_SOCKET": notify})
        while b"READY=1" not in listening.recv(4096):
            pass
    return started


async def watch(address, n_frames=12):
    """Have the page open until so many frames with their poses came, and an event."""
    import aiohttp

    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://{address}/") as page:
            assert page.status == 200
        async with session.ws_connect(f"http://{address}/api/live") as live:
            heard = {"poses": 0, "event": 0}
            while heard["poses"] < n_frames or not heard["event"]:
                kind = (await live.receive_json())["type"]
                heard[kind] = heard.get(kind, 0) + 1
