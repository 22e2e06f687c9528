"""What every sink promises, run over all that are registered."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from edgepose.errors import SinkError
from edgepose.pose import PoseBatch
from edgepose.sinks import SINKS
from edgepose.skeleton import COCO17

RUN = SimpleNamespace(source="clip.avi", model="m", backend="replay", skeleton=COCO17, fps=25.0, live=False)
FILES = [("jsonl", "poses.jsonl"), ("openpose-json", "poses.json"), ("openpose-json", "frames/"),
         ("table", "poses.txt"), ("overlay", "best.png"), ("overlay", "clip.mp4"), ("overlay", "clip.mkv"),
         ("overlay", "clip.avi"), ("overlay", "pictures/")]


def make(name, path):
    return SINKS[name]() if name == "null" else SINKS[name](str(path))


@pytest.fixture(params=[*FILES, ("null", "")], ids=lambda param: " ".join(param).strip())
def sink(request, tmp_path):
    name, file = request.param
    return make(name, f"{tmp_path}/{file}")


@pytest.fixture
def poses():
    batch = PoseBatch(4, COCO17)
    batch.n, batch.width, batch.height = 2, 64, 48
    batch.keypoints_q4[:2] = np.random.default_rng(1).integers(0, 48 * 16, (2, 17, 2))
    batch.keypoint_scores_q16[:2], batch.scores_q16[:2] = 50000, 60000
    batch.picture = np.full((48, 64, 3), 90, np.uint8)
    return batch


def show(sink, poses, n_frames):
    for seq in range(n_frames):
        poses.seq, poses.t_ns = seq, seq * 40_000_000
        sink.write(poses)


def test_contract_when_a_sink_is_registered_then_it_is_tested_here():
    assert {name for name, _ in FILES} | {"null"} == set(SINKS)


def test_sink_when_opened_written_and_closed_twice_then_it_is_content(sink, poses):
    sink.open(RUN)
    show(sink, poses, 3)
    sink.close()
    sink.close()


def test_sink_when_nobody_is_there_then_it_is_content(sink, poses):
    poses.n = 0
    sink.open(RUN)
    show(sink, poses, 3)
    sink.close()


def test_sink_when_there_is_no_frame_then_it_is_content(sink):
    sink.open(RUN)
    sink.close()


def test_sink_when_never_opened_then_close_is_fine(sink):
    sink.close()


def test_sink_when_opened_again_after_close_then_it_works_again(sink, poses):
    for _ in range(2):
        sink.open(RUN)
        show(sink, poses, 2)
        sink.close()


def test_sink_when_written_then_it_keeps_no_reference(sink, poses):
    sink.open(RUN)
    before = sys.getrefcount(poses), sys.getrefcount(poses.picture)
    show(sink, poses, 2)
    assert (sys.getrefcount(poses), sys.getrefcount(poses.picture)) == before
    sink.close()


def test_sink_when_written_then_it_changes_nothing(sink, poses):
    picture, points = poses.picture.copy(), poses.keypoints_q4.copy()
    sink.open(RUN)
    show(sink, poses, 2)
    sink.close()
    assert (poses.picture == picture).all() and (poses.keypoints_q4 == points).all() and poses.n == 2


def test_sink_when_it_wants_no_picture_then_it_needs_none(sink, poses):
    if not sink.wants_picture:
        poses.picture = None
    sink.open(RUN)
    show(sink, poses, 1)
    sink.close()


def test_sink_when_closed_then_repr_still_names_it(sink):
    sink.open(RUN)
    sink.close()
    assert type(sink).__name__ in repr(sink)


@pytest.mark.parametrize("name, file", FILES)
def test_sink_when_the_directory_is_missing_then_open_says_so(name, file, tmp_path):
    path = f"{tmp_path}/missing/{file}"
    with pytest.raises(SinkError, match=f"^{path}: its directory does not exist; [^\n]+$"):
        make(name, path).open(RUN)


@pytest.mark.parametrize("name, file", [pair for pair in FILES if pair[1][-1] != "/"])
def test_sink_when_the_path_is_the_source_then_open_refuses_and_leaves_it(name, file, tmp_path):
    source = tmp_path / file
    source.write_bytes(b"precious")
    with pytest.raises(SinkError, match="is the source itself"):
        make(name, source).open(SimpleNamespace(**{**vars(RUN), "source": str(source)}))
    assert source.read_bytes() == b"precious"


def test_package_when_jsonl_is_imported_then_neither_pillow_nor_pyav_is():
    code = "import sys, edgepose.sinks; sys.exit(bool({'PIL', 'av'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
