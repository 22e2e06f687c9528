"""Overlay video, read back with PyAV."""

import os
import resource
import subprocess
import sys
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest

from edgepose.errors import SinkError
from edgepose.pose import PoseBatch
from edgepose.sinks import OverlaySink, video_file
from edgepose.skeleton import COCO17

RUN = SimpleNamespace(source="clip.avi", model="m", backend="replay", skeleton=COCO17, fps=25.0, live=False)
ENDINGS = [".mp4", ".mov", ".mkv", ".avi"]
NOISE = np.random.default_rng(0).integers(0, 255, (4, 48, 64, 3), np.uint8)


def frame(seq, t_ms=None, picture=NOISE[0]):
    poses = PoseBatch(1, COCO17)
    poses.seq, poses.t_ns, poses.picture = seq, 1_000_000 * (40 * seq if t_ms is None else t_ms), picture
    return poses


def opened(path, **more):
    sink = OverlaySink(path)
    sink.open(SimpleNamespace(**{**vars(RUN), **more}))
    return sink


def write(path, frames, **more):
    sink = opened(path, **more)
    for poses in frames:
        sink.write(poses)
    sink.close()


def read(path):
    """The frames of a video, and their times in ms from the first."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return frames, [round((f.pts - frames[0].pts) * f.time_base * 1000) for f in frames]


@pytest.mark.parametrize("ending", ENDINGS)
def test_video_when_read_back_then_frames_size_and_times_are_right(tmp_path, ending):
    write(tmp_path / f"a{ending}", [frame(seq) for seq in range(60)])
    frames, times_ms = read(tmp_path / f"a{ending}")
    assert times_ms == list(range(0, 2400, 40))
    assert {(f.width, f.height, f.format.name) for f in frames} == {(64, 48, "yuv420p")}


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_video_when_capture_was_uneven_then_it_plays_so(tmp_path, ending):
    times_ms = [700, 733, 800, 1900, 1910, 5000]
    write(tmp_path / f"a{ending}", [frame(i, t) for i, t in enumerate(times_ms)])
    assert read(tmp_path / f"a{ending}")[1] == [t - 700 for t in times_ms]


def test_video_when_it_is_an_avi_then_uneven_frames_take_the_nearest_place_of_the_grid(tmp_path):
    write(tmp_path / "a.avi", [frame(i, t) for i, t in enumerate([0, 45, 75, 210])])
    assert read(tmp_path / "a.avi")[1] == [0, 40, 80, 200]


def test_video_when_closed_then_it_says_its_length(tmp_path):
    write(tmp_path / "a.mp4", [frame(seq) for seq in range(50)])
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.duration == 2 * av.time_base and container.streams.video[0].frames == 50


def test_video_when_played_then_it_seeks(tmp_path):
    write(tmp_path / "a.mp4", [frame(seq) for seq in range(100)])
    with av.open(str(tmp_path / "a.mp4")) as container:
        container.seek(2 * av.time_base)
        assert next(container.decode(video=0)).time == 2


@pytest.mark.parametrize("size, stored", [((1, 1), (2, 2)), ((47, 63), (64, 48)), ((48, 63), (64, 48)),
                                          ((481, 2), (2, 482))])
def test_video_when_the_size_is_odd_then_one_column_or_row_is_repeated(tmp_path, size, stored):
    write(tmp_path / "a.mp4", [frame(0, picture=np.full((*size, 3), 90, np.uint8))])
    last, _ = read(tmp_path / "a.mp4")
    assert (last[0].width, last[0].height) == stored
    assert abs(int(last[0].to_ndarray(format="rgb24")[-1, -1, 0]) - 90) <= 30


def test_video_when_a_picture_has_another_size_then_it_is_fitted_with_its_aspect(tmp_path):
    tall = np.full((96, 32, 3), 250, np.uint8)
    write(tmp_path / "a.mkv", [frame(0), frame(1, picture=tall)])
    row = read(tmp_path / "a.mkv")[0][1].to_ndarray(format="rgb24")[40, :, 0].astype(int)
    assert len(row) == 64 and (row > 200).sum() == 16 and abs(np.nonzero(row > 200)[0].mean() - 31.5) < 1


def test_video_when_read_back_then_colours_are_those_of_the_picture(tmp_path):
    picture = np.empty((48, 64, 3), np.uint8)
    picture[:] = 200, 80, 30
    write(tmp_path / "a.mp4", [frame(0, picture=picture)])
    shown = read(tmp_path / "a.mp4")[0][0].to_ndarray(format="rgb24")
    assert np.abs(shown[-1, -1].astype(int) - (200, 80, 30)).max() <= 4


@pytest.mark.parametrize("ending", [".mp4", ".avi"])
def test_video_when_there_is_no_h264_then_mpeg4_serves(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(video_file.av, "codecs_available", {"mpeg4"})
    write(tmp_path / f"a{ending}", [frame(seq) for seq in range(30)])
    with av.open(str(tmp_path / f"a{ending}")) as container:
        assert container.streams.video[0].codec_context.name == "mpeg4"
        assert sum(1 for _ in container.decode(video=0)) == 30


@pytest.mark.parametrize("fps, sane", [(None, 25), (0, 25), (float("nan"), 25), (1e6, 25), (12.5, Fraction(25, 2)),
                                       (29.97002997, Fraction(30000, 1001)), (119.88011988, 120)])
def test_fps_when_unknown_or_absurd_then_25(fps, sane):
    assert video_file.sane_fps(fps) == sane


@pytest.mark.parametrize("ending", ENDINGS)
def test_video_when_interrupted_then_close_makes_it_playable(tmp_path, ending, monkeypatch):
    sink = opened(tmp_path / f"a{ending}")
    for seq in range(30):
        sink.write(frame(seq))
    monkeypatch.setattr(video_file.np, "asarray", lambda image: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        sink.write(frame(30))
    monkeypatch.undo()
    sink.close()
    assert len(read(tmp_path / f"a{ending}")[0]) == 30


KILLED = """
import os, sys
sys.path[:0] = [os.path.dirname(sys.argv[2])]
from {module} import opened, frame
sink = opened(sys.argv[1])
for seq in range(60):
    sink.write(frame(seq))
os._exit(9)
"""


@pytest.mark.parametrize("ending", ENDINGS)
def test_video_when_the_process_is_killed_then_all_but_the_last_second_plays(tmp_path, ending):
    code = KILLED.format(module=os.path.splitext(os.path.basename(__file__))[0])
    subprocess.run([sys.executable, "-c", code, tmp_path / f"a{ending}", __file__], check=False)
    frames, times_ms = read(tmp_path / f"a{ending}")
    assert len(frames) >= 60 - 25 and times_ms[:3] == [0, 40, 80]


@pytest.mark.parametrize("room", [5_000, 40_000, 200_000])
@pytest.mark.parametrize("ending", ENDINGS)
def test_video_when_the_disk_fills_then_what_came_before_plays(tmp_path, ending, room):
    sink, (soft, hard) = opened(tmp_path / f"a{ending}"), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(SinkError, match=f"a{ending}: [^\n]+; name a path on another disk$"):
            for seq in range(300):
                sink.write(frame(seq, picture=NOISE[seq % 4]))
        sink.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert room < 40_000 or 0 < len(read(tmp_path / f"a{ending}")[0]) <= seq


@pytest.mark.parametrize("ending", ENDINGS)
def test_video_when_the_disk_is_full_from_the_start_then_one_clear_error(tmp_path, ending):
    os.symlink("/dev/full", tmp_path / f"a{ending}")
    with pytest.raises(SinkError, match=f"a{ending}: the disk is full"):
        write(tmp_path / f"a{ending}", [frame(seq) for seq in range(200)])


def test_video_when_opened_and_no_frame_came_then_an_old_one_stays(tmp_path):
    (tmp_path / "a.mp4").write_text("old")
    opened(tmp_path / "a.mp4").close()
    assert (tmp_path / "a.mp4").read_text() == "old"


@pytest.mark.parametrize("name", ["http:a.mp4", "with space é.mp4", "%03d.mp4", "-y.mp4"])
def test_video_when_its_name_is_odd_then_it_is_still_a_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    write(name, [frame(0)])
    assert os.listdir(tmp_path) == [name]
