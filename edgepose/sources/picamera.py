"""The Raspberry Pi's own camera, through picamera2, which its system brings along."""

import importlib
import threading

import numpy as np

from edgepose.errors import SourceError, SourceTimeout, first_line
from edgepose.frame import Frame
from edgepose.sources.address import split_parameters
from edgepose.sources.clock import ArrivalClock
from edgepose.sources.feed import Feed
from edgepose.sources.source import Source

DEFAULT_SIZE, DEFAULT_FPS = (1280, 720), 30.0
_DEPTH = 2  # pictures that wait for us at most
_HD_ROWS = 720  # from here on picamera2's video configuration is BT.709, below BT.601


class PicameraSource(Source):
    """A camera on the board's ribbon cable: `picamera:0?size=1280x720&fps=30`, any part may be left out.

    Parameters
    ----------
    spec : str
    timeout_s : float, limit for starting and for every picture

    Notes
    -----
    Frames are yuv420p as the camera's own processor writes it. picamera2 cannot be interrupted, so a thread waits for
    it, and `close` never does.
    """

    live = True

    def __init__(self, spec, timeout_s=5.0):
        super().__init__(spec)
        self._timeout_s, self._feed, self._frame, self._seq = timeout_s, None, None, 0
        self._closing = threading.Lock()

    def open(self):
        """Start the camera; SourceError, SourceTimeout where there is none, or where `close` came before."""
        self.close()
        number, size, self.fps = _read_spec(self.name)
        session = _Session(_find_class(self.name), number, size, self.fps, self.name)
        self._feed = Feed(session.pictures(), session.close, _DEPTH)
        try:
            layout = self._take(2 * self._timeout_s)
            if layout is None:
                raise SourceError(f"{self.name}: closed before it was open")
        except BaseException:
            self.close()
            raise
        self._frame, self._clock, self._seq, self.is_open = _frame_of(*layout), ArrivalClock(), 0, True

    def read(self):
        """The next Frame; None after `close`. SourceTimeout, SourceError: none came."""
        picture = self._take(self._timeout_s)
        if picture is None:
            return None
        frame = self._frame
        frame.planes = _planes(picture, frame.height, frame.line_sizes)
        frame.seq, frame.t_ns = self._seq, self._clock.time_ns(None)
        self._seq += 1
        return frame

    def _take(self, wait_s):
        feed = self._feed
        try:
            return None if feed is None else feed.take(wait_s)
        except TimeoutError as error:
            raise SourceTimeout(f"{self.name}: {error}") from None

    def close(self):
        """Stop the camera; a `read` in another thread gives None. Twice is fine."""
        self.is_open = False
        with self._closing:
            feed, self._feed = self._feed, None
        if feed is not None:
            feed.close()


class _Session:
    """One use of picamera2, all of it in the feed's thread."""

    def __init__(self, camera_class, number, size, fps, name):
        self._class, self._number, self._size, self._fps, self._name = camera_class, number, size, fps, name
        self._camera = None

    def pictures(self):
        """(width, height, line size), then uint8 arrays without end."""
        try:
            self._camera = camera = self._class(self._number)
            camera.configure(camera.create_video_configuration(
                main={"size": self._size, "format": "YUV420"}, controls={"FrameRate": self._fps}))
            camera.start()
            main = camera.camera_configuration()["main"]
            yield *main["size"], main["stride"]
            while True:
                yield camera.capture_array("main")
        except (RuntimeError, IndexError, OSError) as error:
            raise SourceError(f"{self._name}: {first_line(error)}; is the camera's cable in, and does no other"
                              " program use it?") from error

    def close(self):
        """Free the camera for others."""
        if self._camera is not None:
            self._camera.close()


def _find_class(name):
    try:
        return importlib.import_module("picamera2").Picamera2
    except (ImportError, AttributeError) as error:
        raise SourceError(f"{name}: needs the package 'picamera2', which does not load: {first_line(error)};"
                          " on a Raspberry Pi, `sudo apt install python3-picamera2`") from error


def _read_spec(spec):
    """(number, (width, height), fps); SourceError where the spec cannot be read."""
    thing, given = split_parameters(spec, {"size": _read_size, "fps": float})
    number, fps = thing.partition(":")[2] or "0", given.get("fps", DEFAULT_FPS)
    if not number.isdigit() or not 0 < fps <= 1000:
        raise SourceError(f"{spec}: cannot be read; it looks like picamera:0?size=1280x720&fps=30")
    return int(number), given.get("size", DEFAULT_SIZE), fps


def _read_size(text):
    width, height = (int(part) for part in text.split("x"))
    if width % 2 or height % 2 or not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise ValueError(text)
    return width, height


def _frame_of(width, height, line_size):
    """A Frame to refill, its planes in one array as picamera2 hands it out."""
    lines = line_size, line_size // 2, line_size // 2
    planes = _planes(np.zeros(line_size * height * 3 // 2, np.uint8), height, lines)
    return Frame("yuv420p", width, height, planes, lines, "bt709" if height >= _HD_ROWS else "bt601")


def _planes(picture, height, line_sizes):
    """The three planes within an array of rows of luma, then of both chromas."""
    flat = picture.reshape(-1)
    luma, quarter = line_sizes[0] * height, line_sizes[1] * height // 2
    return flat[:luma], flat[luma:luma + quarter], flat[luma + quarter:luma + 2 * quarter]
