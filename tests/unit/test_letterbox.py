"""The letterbox: compiled kernel against twin, both against exact arithmetic, and the way back."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose import native
from edgepose.errors import ConfigError
from edgepose.frame import FORMATS, Frame
from edgepose.letterbox import Letterbox, fit_box
from edgepose.native import twin_letterbox
from edgepose.ring import Slot
from tests.conftest import random_frame

KERNELS = pytest.mark.parametrize("kernel", [native.letterbox, twin_letterbox.letterbox], ids=["active", "twin"])
sides = st.integers(1, 300)
crops = st.none() | st.tuples(st.integers(-4000, 4000), st.integers(-4000, 4000), st.integers(1, 9000),
                              st.integers(1, 9000))


def fill(kernel, frame, size=(48, 64), crop=None, **options):
    """The slot that a kernel makes of a frame."""
    slot, letterbox = Slot(*size), Letterbox(*size, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "letterbox", kernel)
        letterbox.write(frame, slot, crop)
    return slot


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(FORMATS)), sides, sides, st.integers(0, 40), crops, st.integers(0, 2**32 - 1))
def test_kernel_and_twin_give_the_same_bits(format, width, height, slack, crop, seed):
    frame = random_frame(np.random.default_rng(seed), format, width, height, slack, colour="bt709")
    ours, twin = (fill(k, frame, crop=crop) for k in (native.letterbox, twin_letterbox.letterbox))
    assert np.array_equal(ours.tensor, twin.tensor)


@pytest.mark.skipif(native.KIND == "twins", reason="no compiled kernels")
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("size", [(640, 480), (1279, 721), (1920, 1080)])
def test_kernel_and_twin_give_the_same_bits_at_camera_sizes(rng, format, size):
    frame = random_frame(rng, format, *size, slack=32)
    ours, twin = (fill(k, frame, (192, 192)) for k in (native.letterbox, twin_letterbox.letterbox))
    assert np.array_equal(ours.tensor, twin.tensor)


def exact_area(channel, fit, height, width):
    """The true mean of what each input px covers, by fractions; None where nothing is covered."""
    def spans(origin, n, length):
        edges = [Fraction(origin + i * fit.scale_q16, 65536) for i in range(n + 1)]
        edges = [min(max(edge, Fraction(0)), Fraction(length)) for edge in edges]
        return [[max(Fraction(0), min(b, k + 1) - max(a, k)) for k in range(length)] for a, b in pairwise(edges)]

    rows = np.array(spans(fit.y0_q16, height, channel.shape[0]), float)
    columns = np.array(spans(fit.x0_q16, width, channel.shape[1]), float)
    return rows @ channel @ columns.T / np.maximum(np.outer(rows.sum(1), columns.sum(1)), 1e-9)


@KERNELS
@pytest.mark.parametrize("size, crop", [((97, 61), None), ((64, 48), None), ((200, 31), (-300, 50, 4000, 2000)),
                                        ((33, 150), None), ((150, 90), (100, 100, 1300, 1100))])
def test_shrinking_is_within_one_level_of_the_exact_area_average(kernel, rng, size, crop):
    frame = random_frame(rng, "gray8", *size)
    slot = fill(kernel, frame, (24, 32), crop)
    col0, col1, row0, row1 = slot.fit.inside
    exact = exact_area(frame.planes[0].reshape(size[::-1]).astype(float), slot.fit, 24, 32)
    off = np.abs(slot.tensor[row0:row1, col0:col1, 0] - exact[row0:row1, col0:col1])
    inner = off[1:-1, 1:-1]  # an outermost px may cover less than the 1/256 that weights resolve
    assert inner.max() <= 1.0


@KERNELS
def test_growing_is_within_one_level_of_exact_bilinear(kernel, rng):
    frame = random_frame(rng, "gray8", 20, 15)
    slot = fill(kernel, frame, (48, 64))
    at = [np.clip((np.arange(n) + 0.5) * slot.fit.scale_q16 / 65536 - 0.5, 0, m - 1) for n, m in ((48, 15), (64, 20))]
    rows, columns = (np.maximum(0, 1 - np.abs(a[:, None] - np.arange(m))) for a, m in zip(at, (15, 20)))
    exact = rows @ frame.planes[0].reshape(15, 20).astype(float) @ columns.T
    assert np.abs(slot.tensor[..., 0] - exact).max() <= 1.0


@KERNELS
@pytest.mark.parametrize("format", ["bgr24", "rgb24", "gray8"])
def test_same_size_copies_the_picture(kernel, rng, format):
    frame = random_frame(rng, format, 64, 48, slack=5)
    depth = 1 if format == "gray8" else 3
    picture = frame.planes[0].reshape(48, -1)[:, :64 * depth].reshape(48, 64, depth)
    expected = picture[..., ::-1] if format == "rgb24" else picture
    assert np.array_equal(fill(kernel, frame).tensor, np.broadcast_to(expected, (48, 64, 3)))


@KERNELS
@pytest.mark.parametrize("format", ["yuyv422", "nv12", "yuv420p"])
@pytest.mark.parametrize("yuv, bgr", [((16, 128, 128), (0, 0, 0)), ((235, 128, 128), (255, 255, 255)),
                                      ((81, 90, 240), (0, 0, 254)), ((145, 54, 34), (1, 255, 0)),
                                      ((41, 240, 110), (255, 0, 0))])
def test_flat_yuv_becomes_the_standards_colour(kernel, format, yuv, bgr):
    y, u, v = yuv
    planes = {"yuyv422": [bytes((y, u, y, v)) * 32 * 40], "nv12": [bytes([y]) * 64 * 40, bytes((u, v)) * 32 * 20],
              "yuv420p": [bytes([y]) * 64 * 40, bytes([u]) * 32 * 20, bytes([v]) * 32 * 20]}[format]
    slot = fill(kernel, Frame(format, 64, 40, planes))
    assert np.abs(slot.tensor[20, 30].astype(int) - bgr).max() <= 1


@KERNELS
def test_rgb_model_gets_the_channels_reversed(kernel, rng):
    frame = random_frame(rng, "nv12", 80, 70)
    bgr, rgb = (fill(kernel, frame, channels=order).tensor for order in ("bgr", "rgb"))
    assert np.array_equal(bgr[..., ::-1], rgb)


@KERNELS
@pytest.mark.parametrize("value", [0, 1, 127, 254, 255])
@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (173, 99), (1, 16384)])
def test_flat_picture_stays_flat(kernel, value, size):
    slot = fill(kernel, Frame("gray8", *size, [bytes([value]) * (size[0] * size[1])]), (192, 192), pad=77)
    col0, col1, row0, row1 = slot.fit.inside
    assert col1 > col0 and row1 > row0
    assert (slot.tensor[row0:row1, col0:col1] == value).all()
    assert (slot.tensor == 77).sum() == slot.tensor.size - 3 * (col1 - col0) * (row1 - row0) or value == 77


def test_padding_is_painted_once_per_geometry(rng, slot):
    letterbox, frame = Letterbox(192, 192, pad=9), random_frame(rng, "bgr24", 192, 100)
    letterbox.write(frame, slot)
    slot.tensor[0] = 200  # in the padding
    letterbox.write(frame, slot)
    assert (slot.tensor[0] == 200).all()
    letterbox.write(random_frame(rng, "bgr24", 192, 90), slot)
    assert (slot.tensor[0] == 9).all()


def test_slot_that_saw_another_geometry_is_painted_again(rng):
    letterbox, slots = Letterbox(192, 192, pad=9), [Slot(192, 192), Slot(192, 192)]
    wide, high = random_frame(rng, "bgr24", 192, 100), random_frame(rng, "bgr24", 100, 192)
    letterbox.write(wide, slots[0])
    letterbox.write(high, slots[1])
    letterbox.write(high, slots[0])
    assert np.array_equal(slots[0].tensor, slots[1].tensor)


def test_crop_outside_the_frame_is_all_padding(rng, slot):
    Letterbox(192, 192, pad=5).write(random_frame(rng, "bgr24", 50, 50), slot, (16000, 16000, 800, 800))
    assert (slot.tensor == 5).all()


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080), (768, 576)])
def test_letterbox_of_camera_sizes_is_centred_on_whole_px(size):
    fit = fit_box((0, 0, size[0] * 16, size[1] * 16), size, (192, 192))
    rows = round(192 * size[1] / size[0])
    assert fit.inside == (0, 192, (192 - rows) // 2, (192 + rows) // 2)


@settings(max_examples=200, deadline=None)
@given(sides, sides, crops)
def test_fit_shows_the_whole_box(width, height, crop):
    box = crop or (0, 0, width * 16, height * 16)
    fit = fit_box(box, (width, height), (64, 48))
    (x0, y0), (x1, y1) = fit.to_source(0, 0), fit.to_source(64, 48)
    assert x0 <= box[0] / 16 and y0 <= box[1] / 16
    assert x1 >= (box[0] + box[2]) / 16 - 1e-3 and y1 >= (box[1] + box[3]) / 16 - 1e-3


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 60), st.integers(0, 64), st.integers(-2**30, 2**30), st.integers(1, 128 << 16),
       st.integers(0, 1), st.integers(1, 16384))
def test_windows_of_kernel_and_twin_are_the_same(start, stop, origin, scale, sub, n):
    ours, twin = np.full((5, 64), -1, np.int32), np.full((5, 64), -1, np.int32)
    native.letterbox_windows(ours, start, max(start, stop), origin, scale, sub, n)
    twin_letterbox.letterbox_windows(twin, start, max(start, stop), origin, scale, sub, n)
    assert np.array_equal(ours, twin) and (ours[:, :start] == -1).all()
    assert (ours[:2, start:stop] >= 0).all() and (ours[:2, start:stop] < n).all()


@pytest.mark.skipif(native.KIND == "twins", reason="no compiled kernels")
@pytest.mark.parametrize("numbers", [(-1, 5, 0, 65536, 0, 9), (5, 4, 0, 65536, 0, 9), (0, 65, 0, 65536, 0, 9),
                                     (0, 5, 0, 0, 0, 9), (0, 5, 0, 129 << 16, 0, 9), (0, 5, 0, 65536, 2, 9),
                                     (0, 5, 0, 65536, 0, 0)])
def test_compiled_windows_refuse_what_would_leave_their_buffer(numbers):
    with pytest.raises(ValueError, match="does not fit"):
        native.letterbox_windows(np.zeros((5, 64), np.int32), *numbers)


def test_slot_is_filled_under_the_fit_that_it_has(rng, slot):
    letterbox, frame, other = Letterbox(192, 192, pad=9), random_frame(rng, "nv12", 300, 200), Slot(192, 192)
    letterbox.write(frame, slot, (160, 80, 1600, 3200))
    other.fit.copy_from(letterbox.aim(frame, (160, 80, 1600, 3200)))
    other.raw = True
    Letterbox(192, 192, pad=9).fill(frame, other)
    assert not other.raw and np.array_equal(slot.tensor, other.tensor)


@pytest.mark.parametrize("crop", [(0, 0, 0, 16), (0, 0, 16, -1)])
def test_empty_crop_is_refused(rng, slot, crop):
    with pytest.raises(ConfigError, match="is empty"):
        Letterbox(192, 192).write(random_frame(rng, "gray8", 8, 8), slot, crop)


def test_picture_that_shrinks_too_much_is_refused(rng):
    with pytest.raises(ConfigError, match="at most 128 times"):
        Letterbox(8, 8).write(random_frame(rng, "gray8", 2000, 8), Slot(8, 8))


@pytest.mark.skipif(native.KIND == "twins", reason="no compiled kernels")
@pytest.mark.parametrize("change", [{"height": 9}, {"line_sizes": (7, 0, 0)}, {"in_width": 65},
                                    {"inside": (0, 65, 0, 48)}, {"kind": 5}, {"scratch": bytearray(8)},
                                    {"origin": (0, 0, 129 << 16)}, {"origin": (0, 0, 0)}])
def test_compiled_kernel_refuses_what_would_leave_its_buffers(change):
    call = {"tensor": bytearray(64 * 48 * 3), "scratch": bytearray(native.letterbox_scratch_bytes(8, 64, 48)),
            "planes": (bytes(64), b"", b""), "line_sizes": (8, 0, 0), "kind": 1, "width": 8, "height": 8,
            "colour": bytes(24), "swap": False, "origin": (0, 0, 65536), "in_width": 64, "in_height": 48,
            "inside": (0, 64, 0, 48)}
    native.letterbox(*call.values())
    with pytest.raises(ValueError, match="does not fit"):
        native.letterbox(*{**call, **change}.values())
