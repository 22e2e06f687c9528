"""Overlay pictures: the best frame as one file, or one file a frame."""

import os
import resource
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from edgepose.errors import SinkError
from edgepose.pose import PoseBatch
from edgepose.sinks import OverlaySink
from edgepose.sinks.picture_file import picture_name
from edgepose.skeleton import COCO17

RUN = SimpleNamespace(source="clip.avi", model="m", backend="replay", skeleton=COCO17, fps=None, live=False)


def frame(seq=0, score=0.0, level=90, size=(48, 64), file=None):
    poses = PoseBatch(2, COCO17)
    poses.n, poses.scores_q16[0] = int(score > 0), score * 65535
    poses.seq, poses.file, poses.picture = seq, file, np.full((*size, 3), level, np.uint8)
    return poses


def write(path, frames):
    sink = OverlaySink(path)
    sink.open(RUN)
    for poses in frames:
        sink.write(poses)
        poses.picture[:] = 0  # lent: the next frame may overwrite it
    sink.close()


def corner(path):
    """Grey level of the bottom right pixel, and the size."""
    with Image.open(path) as image:
        return image.convert("L").getpixel((image.width - 1, image.height - 1)), image.size


@pytest.mark.parametrize("ending, format", [(".png", "PNG"), (".jpg", "JPEG"), (".JPEG", "JPEG"), (".webp", "WEBP")])
def test_picture_when_written_then_its_ending_says_the_format(tmp_path, ending, format):
    write(tmp_path / f"a{ending}", [frame(size=(47, 63))])
    with Image.open(tmp_path / f"a{ending}") as image:
        assert (image.format, image.size) == (format, (63, 47))


def test_picture_when_there_are_many_frames_then_it_is_the_best(tmp_path):
    write(tmp_path / "a.png", [frame(0, 0.5, 50), frame(1, 0.9, 100, (30, 40)), frame(2, 0.8, 150), frame(3, 0.9, 200)])
    assert corner(tmp_path / "a.png") == (100, (40, 30))


def test_picture_when_nobody_is_ever_there_then_it_is_the_first(tmp_path):
    write(tmp_path / "a.png", [frame(level=50), frame(level=100)])
    assert corner(tmp_path / "a.png") == (50, (64, 48))


def test_picture_when_there_is_no_frame_then_an_old_one_stays(tmp_path):
    (tmp_path / "a.png").write_text("old")
    write(tmp_path / "a.png", [])
    assert (tmp_path / "a.png").read_text() == "old"


def test_picture_when_it_is_the_only_one_then_nothing_but_poses_is_drawn(tmp_path):
    write(tmp_path / "a.png", [frame()])
    with Image.open(tmp_path / "a.png") as image:
        assert image.getcolors() == [(48 * 64, (90, 90, 90))]


def test_picture_when_the_disk_is_full_then_one_clear_error(tmp_path):
    os.symlink("/dev/full", tmp_path / "a.png")
    with pytest.raises(SinkError, match="a.png: the disk is full"):
        write(tmp_path / "a.png", [frame()])


def test_picture_when_it_does_not_fit_the_disk_then_no_broken_file_stays(tmp_path):
    poses, (soft, hard) = frame(), resource.getrlimit(resource.RLIMIT_FSIZE)
    poses.picture = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)  # some 9,000 bytes as PNG
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(SinkError, match="a.png: the file has reached the largest size"):
            write(tmp_path / "a.png", [poses])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == []


def test_picture_when_its_format_cannot_hold_it_then_one_clear_error(tmp_path):
    with pytest.raises(SinkError, match=r"a.webp: WEBP cannot hold this picture of 16384x1 px .* name another ending"):
        write(tmp_path / "a.webp", [frame(size=(1, 16384))])


def test_folder_when_frames_have_names_then_the_pictures_have_them(tmp_path):
    write(f"{tmp_path}/out/", [frame(0, file="a.jpg"), frame(1, file="sub/b.png"), frame(2, file="c.bmp")])
    assert sorted(os.listdir(tmp_path / "out")) == ["a.jpg", "c.bmp.png", "sub"]
    assert os.listdir(tmp_path / "out/sub") == ["b.png"]


def test_folder_when_frames_have_none_then_their_number_is_the_name(tmp_path):
    write(tmp_path, [frame(0), frame(17)])
    assert sorted(os.listdir(tmp_path)) == ["frame-000000.jpg", "frame-000017.jpg"]


def test_folder_when_a_name_is_taken_by_a_directory_then_one_clear_error(tmp_path):
    (tmp_path / "a.jpg").mkdir()
    with pytest.raises(SinkError, match="a.jpg: it is a directory"):
        write(tmp_path, [frame(file="a.jpg")])


@pytest.mark.parametrize("file, name", [("../../a.png", "a.png"), ("/etc/a.png", "etc/a.png"), ("a", "a.png"),
                                        ("..", "frame-000003.png"), ("a.TIF", "a.TIF.png"), ("b/./a.PNG", "b/a.PNG")])
def test_name_when_derived_then_it_stays_inside_the_directory(file, name):
    assert picture_name(file, 3) == name
