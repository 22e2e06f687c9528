"""What a board with 512 MB has for us is 200 MB: `edgepose run` within it, in a control group."""

import signal
import subprocess
import sys
from fractions import Fraction
from itertools import islice

import av
import pytest

from edgepose import backends
from tests import cgroup
from tests.conftest import ROOT

BUDGET_BYTES, PATIENCE_S = 200_000_000, 90.0
CLIP = ROOT / "edgepose" / "clips" / "pedestrians.mp4"
EDGEPOSE = [sys.executable, "-m", "edgepose"]
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
    """Two seconds of the shipped clip at 1920x1080, H.264."""
    path = tmp_path_factory.mktemp("large") / "large.mp4"
    with av.open(str(CLIP)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast", "refs": "4", "g": "20"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for n, frame in enumerate(islice(source.decode(video=0), 20)):
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
