"""The Pi's camera, with a stand-in at picamera2's edge."""

import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from edgepose.errors import SourceError, SourceTimeout
from edgepose.sources import open_source, prepare_source

WAIT_S = 10


class Camera:
    """As picamera2 has it: rows of luma with a gap behind them, chroma of half the line below."""

    made, n_pictures, number_of_cameras = None, 5, 1

    def __init__(self, number):
        if number >= self.number_of_cameras:
            raise IndexError("list index out of range")
        self.is_started, self.closed, self.silence, self._n = False, threading.Event(), threading.Event(), 0
        type(self).made = self

    def create_video_configuration(self, main, controls):
        return {"main": {**main, "stride": main["size"][0] + 32}, "controls": controls}

    def configure(self, configuration):
        self.configuration = configuration

    def camera_configuration(self):
        return self.configuration

    def start(self):
        self.is_started = True

    def capture_array(self, name):
        if self._n == self.n_pictures:
            self.silence.wait(WAIT_S)
        self._n += 1
        (_, height), stride = self.configuration[name]["size"], self.configuration[name]["stride"]
        picture = np.full((height * 3 // 2, stride), 60 + self._n, np.uint8)
        picture[height:height + height // 4], picture[height + height // 4:] = 90, 200
        return picture

    def close(self):
        self.closed.set()


@pytest.fixture
def camera(monkeypatch):
    """The class that stands in; a test ends with its camera let go."""
    class Own(Camera):
        pass

    monkeypatch.setitem(sys.modules, "picamera2", SimpleNamespace(Picamera2=Own))
    yield Own
    if Own.made:
        Own.made.silence.set()


def test_picamera_when_opened_then_frames_of_its_planes_with_arrival_times(camera):
    with open_source("picamera:0?size=64x48&fps=15") as source:
        frames = [source.read().copy() for _ in range(3)]
    assert camera.made.configuration["controls"] == {"FrameRate": 15.0} and camera.made.is_started
    assert [(frame.seq, frame.format, frame.width, frame.height) for frame in frames] == [
        (i, "yuv420p", 64, 48) for i in range(3)]
    assert [int(frame.planes[0][0]) for frame in frames] == [61, 62, 63] and 0 < frames[0].t_ns < frames[2].t_ns
    assert frames[0].line_sizes == (96, 48, 48) and [len(plane) for plane in frames[0].planes] == [4608, 1152, 1152]
    assert set(frames[0].planes[1].tolist()) == {90} and set(frames[0].planes[2].tolist()) == {200}


@pytest.mark.parametrize("spec, colour", [("picamera:0", "bt709"), ("picamera:?size=640x480", "bt601")])
def test_picamera_when_size_is_hd_then_its_colours_are_bt709(camera, spec, colour):
    with open_source(spec) as source:
        assert source.live and source.read().colour == colour


def test_picamera_when_it_falls_silent_then_timeout_and_close_does_not_wait(camera):
    source = open_source("picamera:0?size=64x48", timeout_s=0.1)
    for _ in range(camera.n_pictures):
        source.read()
    with pytest.raises(SourceTimeout, match="^picamera:0.*nothing came for 0.1 s"):
        source.read()
    source.close()
    source.close()
    assert source.read() is None and not camera.made.closed.is_set()
    camera.made.silence.set()
    assert camera.made.closed.wait(WAIT_S)


def test_picamera_when_there_is_none_then_one_line(camera):
    with pytest.raises(SourceError, match="^picamera:3: list index out of range; is the camera's cable in"):
        open_source("picamera:3")


@pytest.mark.parametrize("spec", ["picamera:x", "picamera:0?size=7x7", "picamera:0?size=640", "picamera:0?fps=0"])
def test_picamera_when_spec_is_wrong_then_one_line(camera, spec):
    with pytest.raises(SourceError, match="^picamera:.*cannot be read"):
        open_source(spec)


def test_picamera_when_package_is_missing_then_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(SourceError, match="needs the package 'picamera2'.*apt install python3-picamera2"):
        prepare_source("picamera:0").open()
