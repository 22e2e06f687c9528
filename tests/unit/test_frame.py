"""Frames: layouts of pixel formats and the checks on what callers hand in."""

import numpy as np
import pytest

from edgepose.errors import ConfigError
from edgepose.frame import COLOURS, FORMATS, Frame
from tests.conftest import random_frame


@pytest.mark.parametrize("format, row, rows", [
    ("bgr24", [15], [3]), ("gray8", [5], [3]), ("yuyv422", [12], [3]), ("nv12", [5, 6], [3, 2]),
    ("yuv420p", [5, 3, 3], [3, 2, 2])])
def test_layout_of_an_odd_size_rounds_chroma_up(format, row, rows):
    assert [layout.row_bytes(5) for layout in FORMATS[format]] == row
    assert [layout.n_rows(3) for layout in FORMATS[format]] == rows


def test_frame_from_array_keeps_the_pixels_without_copying():
    array = np.zeros((4, 6, 3), np.uint8)
    frame = Frame.from_array(array)
    assert (frame.width, frame.height) == (6, 4)
    assert np.shares_memory(frame.planes[0], array)


def test_frame_from_a_strided_array_copies_it():
    array = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)[:, ::-1]
    assert bytes(Frame.from_array(array).planes[0]) == array.tobytes()


@pytest.mark.parametrize("format, planes", [("nv12", 2), ("yuv420p", 3)])
def test_frame_from_a_planar_array_splits_it(format, planes):
    frame = Frame.from_array(np.zeros((6, 4), np.uint8), format)
    assert (frame.width, frame.height, len(frame.planes)) == (4, 4, planes)


def contents(frame):
    return (frame.format, frame.width, frame.height, frame.line_sizes, frame.colour, frame.seq, frame.t_ns, frame.file,
            [bytes(memoryview(plane).cast("B")) for plane in frame.planes])


@pytest.mark.parametrize("format", FORMATS)
def test_copy_stays_when_the_camera_writes_over_its_frame(rng, format):
    lent = random_frame(rng, format, 14, 10)
    copy, before = lent.copy(), contents(lent)
    for plane in lent.planes:
        np.frombuffer(plane, np.uint8)[:] ^= 255
    assert contents(copy) == before != contents(lent)


def test_copy_is_filled_again_in_the_same_memory(rng):
    copy, following = random_frame(rng, "nv12", 14, 10).copy(), random_frame(rng, "nv12", 14, 10)
    following.seq, following.t_ns, following.colour = 7, 70, "bt709"
    planes = copy.planes
    copy.copy_from(following)
    assert contents(copy) == contents(following) and all(a is b for a, b in zip(copy.planes, planes))


@pytest.mark.parametrize("format, width, height", [("nv12", 16, 10), ("yuv420p", 14, 10), ("gray8", 2, 2)])
def test_copy_of_another_size_or_format_is_whole(rng, format, width, height):
    copy, following = random_frame(rng, "nv12", 14, 10).copy(), random_frame(rng, format, width, height)
    copy.copy_from(following)
    assert contents(copy) == contents(following)


@pytest.mark.parametrize("array, format", [
    (np.zeros((4, 6), np.uint8), "bgr24"), (np.zeros((4, 6, 4), np.uint8), "bgr24"),
    (np.zeros((4, 6, 3), np.float32), "rgb24"), (np.zeros((0, 6, 3), np.uint8), "bgr24"),
    (np.zeros((5, 4), np.uint8), "nv12"), (np.zeros((4, 5, 2), np.uint8), "yuyv422"), (None, "bgr24"),
    ([[1, 2, 3]], "gray8")])
def test_frame_from_what_is_no_picture_says_what_it_takes(array, format):
    with pytest.raises(ConfigError, match=f"is no {format} picture"):
        Frame.from_array(array, format)


def test_frame_of_an_unknown_format_lists_those_known():
    with pytest.raises(ConfigError, match="'yuv444p' is not known; one of bgr24"):
        Frame("yuv444p", 4, 4, [b""])


@pytest.mark.parametrize("line_size, n_bytes", [(11, 48), (12, 47), (16, 59)])
def test_frame_whose_plane_is_too_small_is_refused(line_size, n_bytes):
    with pytest.raises(ConfigError, match="plane 0 of rgb24 4x4"):
        Frame("rgb24", 4, 4, [bytes(n_bytes)], [line_size])


def test_frame_whose_last_row_lacks_its_slack_is_taken():
    assert Frame("rgb24", 4, 4, [bytes(60)], [16]).line_sizes == (16,)


@pytest.mark.parametrize("width, height", [(0, 4), (4, 0), (16385, 4), (4, 16385), (-1, 4)])
def test_frame_of_an_impossible_size_is_refused(width, height):
    with pytest.raises(ConfigError, match="each side must be 1 to 16384"):
        Frame("gray8", width, height, [bytes(70000)])


def test_frame_with_a_plane_missing_is_refused():
    with pytest.raises(ConfigError, match="nv12 has 2 planes, got 1"):
        Frame("nv12", 4, 4, [bytes(16)])


@pytest.mark.parametrize("name", COLOURS)
def test_colour_of_white_and_black_is_white_and_black(name):
    offset, luma, *_ = (int(v) for v in COLOURS[name])
    white = 255 if name.endswith("-full") else 235
    assert round((white - offset) * luma / 16384) == 255
    assert offset == (0 if name.endswith("-full") else 16)


def test_colour_bt601_red_matches_the_standard():
    _, luma, red_v, green_u, green_v, blue_u = COLOURS["bt601"] / 16384
    assert np.allclose([luma, red_v, green_u, green_v, blue_u], [1.164, 1.596, 0.392, 0.813, 2.017], atol=1e-3)
