"""The drawn figure and its truth."""

import numpy as np
import pytest

from edgepose.errors import SourceError
from edgepose.skeleton import COCO17
from edgepose.sources import open_source
from edgepose.sources.synthetic import SyntheticSource

K = {name: k for k, name in enumerate(COCO17.keypoints)}


def pixels(frame):
    return np.asarray(frame.planes[0]).reshape(frame.height, frame.width, 3)


def backdrop(spec):
    with open_source(spec + ("&" if "?" in spec else "?") + "people=0") as source:
        return pixels(source.read())


def test_synthetic_when_nothing_is_asked_then_300_frames_of_640x480_at_30():
    with open_source("synthetic:") as source:
        frame = source.read()
        assert (source.n_frames, source.fps, source.live, source.name) == (300, 30.0, False, "synthetic:")
    assert (frame.format, frame.width, frame.height, frame.seq, frame.t_ns) == ("rgb24", 640, 480, 0, 0)


def test_synthetic_when_all_is_asked_then_it_is_so():
    with open_source("synthetic:321x123@12.5?frames=3&people=2&noise=5&seed=9") as source:
        frames = [(frame.width, frame.height, frame.t_ns) for frame in source]
        assert frames == [(321, 123, 0), (321, 123, 80_000_000), (321, 123, 160_000_000)]
        assert source.truth(2).shape == (2, 17, 2)


def test_synthetic_when_frames_is_zero_then_without_end():
    source = SyntheticSource("synthetic:64x48?frames=0")
    source.open()
    assert source.n_frames is None and all(source.read() is not None for _ in range(320))


@pytest.mark.parametrize("spec, match", [
    ("synthetic:big", "cannot be read; it looks like"), ("synthetic:640", "cannot be read"),
    ("synthetic:8x480", "width is 8; it must be 16 to 4096"), ("synthetic:?people=21", "people is 21"),
    ("synthetic:?noise=nan", "noise is nan"), ("synthetic:?seed=x", "seed=x cannot be read"),
    ("synthetic:@0", "fps is 0"), ("synthetic:?speed=2", "'speed' is not known"),
    ("synthetic:?frames=-1", "frames is -1")])
def test_synthetic_when_spec_is_wrong_then_one_line_says_what(spec, match):
    with pytest.raises(SourceError, match=match):
        open_source(spec)


def test_synthetic_when_opened_twice_then_the_same_pixels():
    spec = "synthetic:160x120?frames=4&noise=6&seed=3"
    first, again = ([pixels(frame).copy() for frame in open_source(spec)] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again)) and not np.array_equal(first[0], first[1])


def test_synthetic_when_seed_differs_then_other_pixels_and_the_same_truth():
    one, two = open_source("synthetic:160x120?seed=1"), open_source("synthetic:160x120?seed=2")
    assert np.array_equal(one.truth(7), two.truth(7)) and not np.array_equal(pixels(one.read()), pixels(two.read()))


def test_synthetic_when_nobody_is_asked_for_then_backdrop_and_empty_truth():
    source = open_source("synthetic:64x48?people=0")
    assert source.truth(0).shape == (0, 17, 2) and source.read().width == 64


@pytest.mark.parametrize("shape", ["640x480", "320x640", "1280x720", "100x30"])
def test_truth_when_any_moment_then_inside_the_picture_upright_and_left_is_on_the_right(shape):
    source = open_source(f"synthetic:{shape}?people=2")
    for seq in range(0, 300, 7):
        for x, y in source.truth(seq).transpose(0, 2, 1):
            assert x.min() > 0 and x.max() < source.width and y.min() > 0 and y.max() < source.height
            assert y[K["nose"]] < y[K["left_shoulder"]] < y[K["left_hip"]] < y[K["left_knee"]] < y[K["left_ankle"]]
            assert x[K["left_shoulder"]] > x[K["right_shoulder"]] and x[K["left_hip"]] > x[K["right_hip"]]


def test_truth_when_time_passes_then_it_moves_smoothly():
    source = open_source("synthetic:")
    moves = np.abs(np.diff([source.truth(seq)[0] for seq in range(300)], axis=0))
    assert moves.max() < 0.06 * source.body_height_px and moves.max(axis=(0, 2)).min() > 0.2


def test_synthetic_when_drawn_then_every_keypoint_lies_on_the_figure():
    spec = "synthetic:320x240?frames=40"
    empty, source = backdrop(spec), open_source(spec)
    for frame in source:
        drawn = (pixels(frame) != empty).any(2)
        x, y = np.round(source.truth(frame.seq)[0]).astype(int).T
        assert drawn[y, x].all() and drawn.mean() < 0.3


def test_synthetic_when_movenet_looks_then_it_finds_the_figure(lightning):
    pytest.importorskip("edgepose.estimator")
    from edgepose import PoseEstimator
    source, errors, scores = open_source("synthetic:"), [], []
    with PoseEstimator("movenet-lightning", "tflite") as estimator:
        for frame in source:
            if frame.seq % 10 == 0:
                found = estimator.estimate(frame).keypoints()[0]
                errors.append(np.linalg.norm(found[:, :2] - source.truth(frame.seq)[0], axis=1))
                scores.append(found[:, 2])
    assert np.mean(errors) < 0.04 * source.body_height_px and np.mean(np.array(scores) > 0.3) > 0.8
