"""A real V4L2 camera, where there is one: pytest --board."""

import os

import pytest

from edgepose import PoseEstimator, open_source

pytestmark = pytest.mark.board
CAMERA = os.environ.get("EDGEPOSE_CAMERA", "/dev/video0")


def test_camera_delivers_frames_in_time_order():
    source = open_source(CAMERA)
    times = [source.read().t_ns for _ in range(30)]
    source.close()
    assert times == sorted(times) and len(set(times)) == 30


def test_camera_through_the_network_keeps_up_with_the_newest_frame():
    with PoseEstimator() as estimator:
        stream = estimator.stream(CAMERA)
        sequence = [next(stream).seq for _ in range(30)]
        stream.close()
    assert sequence == sorted(sequence)
