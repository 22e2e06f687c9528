"""Privacy: unless video is asked for, nothing that came from pixels is written anywhere."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest
from jsonschema import Draft202012Validator

from tests.conftest import ROOT

CLIP = str(ROOT / "edgepose" / "clips" / "pedestrians.mp4")
SCHEMA = json.loads((ROOT / "edgepose" / "schemas" / "clip-1.schema.json").read_text())
RUN = """
import json, os, sys
sys.path[:0] = {path!r}
written = set()


def note(name, args):
    if name == "open" and isinstance(args[0], (str, bytes)) and args[2] & (os.O_WRONLY | os.O_RDWR):
        written.add(os.fsdecode(args[0]))


sys.addaudithook(note)
import av, edgepose
from tests.daemon_clips import S, Scene, event

camera = av.open(sys.argv[1])
stream = camera.streams.video[0]
packets, opened_ms = list(camera.demux(stream)), None
scenes = {{mode: Scene(os.path.join(mode, "clips"), mode=mode, before_s=1.0, after_s=1.0)
          for mode in ("none", "skeleton", "video")}}
with edgepose.PoseEstimator("movenet-lightning", backend="tflite") as estimator:
    for n, poses in enumerate(estimator.stream(sys.argv[1])):
        poses.t_ns += 1000 * S
        for mode, scene in scenes.items():
            scene.clock.now_ns = poses.t_ns
            if scene.recorder.tap:
                scene.recorder.tap(packets[n], stream)
            scene.recorder.on_frame(poses)
            if n == 20:
                opened_ms = scene.now_ms
                scene.tell(event(opened_ms=opened_ms, privacy=mode))
            if n == 30:
                scene.tell(event(opened_ms=opened_ms, closed_ms=scene.now_ms, privacy=mode))
            scene.recorder.serve(scene.clock.now_ns)
print(json.dumps(sorted(written)))
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The folder where a real clip went through the network to a recorder of each mode, `none`, `skeleton`, `video`.

    Every file that was written, anywhere, is in it.
    """
    pytest.importorskip("ai_edge_litert", reason="runs the real network, which needs ai-edge-litert")
    folder = tmp_path_factory.mktemp("world")
    homes = {name: str(folder) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    done = subprocess.run([sys.executable, "-c", RUN.format(path=sys.path), CLIP], cwd=folder, check=True,
                          env={**os.environ, **homes}, capture_output=True, text=True, timeout=120)
    opened = [Path(folder, path) for path in json.loads(done.stdout)]
    assert [path for path in opened if path.is_file() and folder not in path.parents] == []
    assert {path.name for path in folder.iterdir()} <= {"none", "skeleton", "video"}
    return folder


def files_of(folder):
    """Every file in a folder."""
    return {path for path in folder.rglob("*") if path.is_file()}


def pieces_of_pictures():
    """32 bytes out of each of the camera's packets, and out of each decoded picture."""
    with av.open(CLIP) as container:
        for packet in container.demux(video=0):
            if packet.size > 96:
                yield bytes(packet)[48:80]
            for picture in packet.decode():
                yield bytes(picture.planes[0])[50 * picture.planes[0].line_size + 100:][:32]


def holds_pixels(path):
    """Whether anything in a file, gunzipped where it is, came from the camera's pictures."""
    data = path.read_bytes()
    data += gzip.decompress(data) if data[:2] == b"\x1f\x8b" else b""
    return any(piece in data for piece in pieces_of_pictures())


def test_skeleton_clip_when_a_real_clip_ran_then_it_is_all_that_was_written_and_holds_no_pixel(world):
    files = files_of(world / "skeleton")
    assert [path.name for path in files] == ["01KAMB00000000000000000000.json.gz"]
    [path] = files
    clip = json.loads(gzip.decompress(path.read_bytes()))
    Draft202012Validator(SCHEMA).validate(clip)
    assert not holds_pixels(path) and path.stat().st_size < 20_000
    assert clip["privacy"] == "skeleton" and sum(len(people) for _, people in clip["frames"]) >= 20


def test_nothing_when_clips_are_off_then_no_file_at_all(world):
    assert files_of(world / "none") == set()


def test_video_clip_when_it_is_asked_for_then_the_search_for_pixels_finds_them(world):
    files = {path.suffix: path for path in files_of(world / "video")}
    assert holds_pixels(files[".mp4"]) and not holds_pixels(files[".gz"])
