"""Overlay video."""

import contextlib
import os
import time
from fractions import Fraction

import av
import numpy as np
from PIL import ImageOps

from edgepose.sinks.paths import sink_error
from edgepose.sinks.rate import Rate, ShowTimes

TICKS_PER_S = 60000  # whole ticks per frame at 24, 25, 30, 50, 60 and 29.97 fps; MPEG-4 allows no more than 65535
DEFAULT_FPS = 25
# BT.601 and what belongs to it, as options, which every PyAV takes; attributes of the codec came with PyAV 11
_COLOURS = {"colorspace": "smpte170m", "color_range": "tv", "color_primaries": "smpte170m", "color_trc": "smpte170m"}
_CODECS = {
    "libx264": {"preset": "veryfast", "tune": "zerolatency", "crf": "21", **_COLOURS},
    "mpeg4": {"flags": "+qscale", "global_quality": str(3 * 118), **_COLOURS},
}


class VideoFile:
    """Draws every frame into a video; pictures of another size are fitted into the first one's, black around.

    Parameters
    ----------
    path : str, ends in .mp4 .mov .mkv or .avi
    painter : Painter
    fps : float or None, of the source; frames are shown when they were captured, so this is a hint but for .avi
    """

    def __init__(self, path, painter, fps, clock_ns=time.monotonic_ns):
        self._path, self._painter, self._fps = path, painter, fps
        self._rate, self._size, self._encoder = Rate(clock_ns), None, None

    def write(self, poses):
        """Draw and encode one frame; SinkError where it cannot be written."""
        rate = self._rate.tick()
        caption = f"frame {poses.seq}" if rate is None else f"{rate:.1f} fps  frame {poses.seq}"
        image = self._painter.draw(poses.picture, poses, caption)
        if self._encoder is None:
            self._size = image.size
            self._encoder = Encoder(self._path, *self._size, self._fps)
        if image.size != self._size:
            image = ImageOps.pad(image, self._size)
        self._encoder.write(np.asarray(image), poses.t_ns)

    def close(self):
        """Finish the file; without any frame there is none. Twice is fine."""
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            encoder.close()


class Encoder:
    """One H.264 stream in one file; MPEG-4 in .avi, or where libx264 is missing.

    Where the process is killed the file still plays, less its last second.

    Parameters
    ----------
    path : str
    width, height : int, px; odd ones are made even by repeating the last column or row, as yuv420p needs
    fps : float or None

    Raises
    ------
    SinkError : the file cannot be made, or the codec cannot take the size
    """

    def __init__(self, path, width, height, fps):
        self._path, self._odd = path, (height % 2, width % 2)
        fps = sane_fps(fps)
        self._on_grid = path.lower().endswith(".avi")  # which has no time stamps, only a place for each 1 / fps
        self._ticks_per_s = fps if self._on_grid else Fraction(TICKS_PER_S)
        self._times = ShowTimes(self._ticks_per_s, fps)
        self._whole_bytes, self._failed = 0, False
        self._container = av.open("file:" + path, "w", options=_container_options(path))
        self._stream = self._add_stream(width + width % 2, height + height % 2, fps)
        self._guard(self._container.start_encoding)

    def write(self, picture, t_ns):
        """Encode a picture, uint8 (height, width, 3) RGB, captured at t_ns; SinkError where the file takes no more."""
        if any(self._odd):
            picture = np.pad(picture, ((0, self._odd[0]), (0, self._odd[1]), (0, 0)), "edge")
        frame = av.VideoFrame.from_ndarray(picture, "rgb24")
        frame.pts, frame.time_base = self._times.next(t_ns), 1 / self._ticks_per_s
        self._guard(self._mux, frame)

    def close(self):
        """Write what the codec holds, and the index; after a failure, only let go of the file."""
        if self._failed:
            return
        self._guard(self._mux, None)
        self._guard(self._container.close)

    def _add_stream(self, width, height, fps):
        h264 = "libx264" in av.codecs_available and not self._on_grid  # readers of .avi show H.264 a frame late
        codec = "libx264" if h264 else "mpeg4"
        stream = self._container.add_stream(codec, rate=fps, options=_CODECS[codec])
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        stream.time_base = context.time_base = 1 / self._ticks_per_s
        context.gop_size = max(1, round(fps))  # a fragment ends at a key picture: one a second
        return stream

    def _mux(self, frame):
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
        self._whole_bytes = os.path.getsize(self._path)

    def _guard(self, step, *args):
        """Take a step; where FFmpeg fails, give the file up and raise SinkError."""
        try:
            step(*args)
        except (av.FFmpegError, ValueError) as error:
            self._failed = True
            self._give_up()
            raise sink_error(self._path, error) from error

    def _give_up(self):
        """Let go of the file and cut off what was written in part: what came before plays."""
        with contextlib.suppress(av.FFmpegError, ValueError):
            self._container.close()  # FFmpeg writes no more after an error
        if os.path.isfile(self._path):
            os.truncate(self._path, self._whole_bytes)


def sane_fps(fps):
    """The frame rate to tell players, as a Fraction that MPEG-4 allows: 25 where it is unknown or absurd."""
    if fps is None or not 0.1 <= fps <= 1000:
        return Fraction(DEFAULT_FPS)
    exact = Fraction(fps).limit_denominator(1001)
    return exact if exact.numerator <= TICKS_PER_S else Fraction(round(fps))


def _container_options(path):
    """Each second reaches the disk as a fragment that plays without what follows; `close` makes an ordinary .mp4."""
    options = {"flush_packets": "1"}
    if path.lower().endswith((".mp4", ".mov")):
        hybrid = av.library_versions["libavformat"] >= (61, 7, 0)  # FFmpeg 7.1
        options["movflags"] = "hybrid_fragmented" if hybrid else "frag_keyframe+empty_moov+default_base_moof"
    return options
