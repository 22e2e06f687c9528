"""Video files, network streams and cameras, through PyAV."""

import threading
import time
from collections import deque

from av.error import FFmpegError

from edgepose.errors import SourceError, SourceTimeout
from edgepose.sources.address import mask_password, split_parameters
from edgepose.sources.clock import ArrivalClock, FileClock
from edgepose.sources.libav import open_container
from edgepose.sources.packets import FilePackets, LivePackets
from edgepose.sources.planes import PlaneLender
from edgepose.sources.source import Source
from edgepose.sources.upright import Upright

#: What may stand behind a camera's `?`, each with FFmpeg's name for it
_CAMERA_OPTIONS = {"size": "video_size", "fps": "framerate", "format": "input_format"}


class VideoSource(Source):
    """A video file, an rtsp:// or http:// address, or a camera such as /dev/video0?size=1280x720&fps=30&format=mjpeg.

    Parameters
    ----------
    spec : str
    timeout_s : float, limit for connecting and for every read of what comes over the network or from a camera
    threads : int, decoder threads; more than one decode ahead in files, and slices side by side in live pictures
    tap : callable of every packet and PyAV's stream that it is of, before it is decoded; or None

    Notes
    -----
    Frames are the decoder's own planes. Pictures that the decoder gives up or flags as damaged are skipped and
    counted in `n_broken`; those that a live stream sends before its first key frame are not. After `open` an HTTP
    address is live only if it does not tell how long it lasts.
    """

    def __init__(self, spec, timeout_s=5.0, threads=1, tap=None):
        super().__init__(mask_password(spec))
        self._spec, self._timeout_s, self._threads, self._tap = spec, timeout_s, threads, tap
        self._is_camera, self._is_rtsp = spec.startswith("/dev/"), spec.lower().startswith("rtsp")
        self.live = self._is_camera or "://" in spec
        self._reading = threading.Lock()  # held while a packet is in use, so that nobody closes the file under it
        self._packets, self._pictures = None, deque()

    def open(self):
        """Connect and find the video; SourceError, SourceTimeout where there is none or `close` came before."""
        self.close()
        with self._reading:
            if self.live:
                self._packets = LivePackets(self._open_container, self.name, self._timeout_s)
            else:
                self._packets = FilePackets(self._open_container, self.name)
            try:
                self._packets.begin()
                self._set_up(self._packets.stream, self._packets.duration_s)
            except BaseException:
                self._let_go()
                raise
            self.is_open = True

    def _open_container(self):
        if self._is_camera:
            device, given = split_parameters(self._spec, dict.fromkeys(_CAMERA_OPTIONS, str))
            options = {_CAMERA_OPTIONS[key]: text for key, text in given.items()}
            return open_container(device, self.name, "v4l2", options, self._timeout_s)
        if "://" in self._spec:
            options = {"rtsp_transport": "tcp"} if self._is_rtsp else {}
            return open_container(self._spec, self.name, options=options, timeout_s=self._timeout_s)
        return open_container("file:" + self._spec, self.name)  # else a colon in its name would look like a protocol

    def _set_up(self, stream, duration_s):
        """Fit decoder, clock and figures to the stream."""
        self.live = self._is_camera or self._is_rtsp or ("://" in self._spec and duration_s is None)
        rate = stream.average_rate or stream.guessed_rate
        self.fps = float(rate) if rate else None
        guess = round(duration_s * self.fps) if duration_s and self.fps else None
        self.n_frames = None if self.live else stream.frames or guess
        decoder = stream.codec_context
        decoder.thread_count = self._threads
        decoder.thread_type = "SLICE" if self.live or self._threads == 1 else "AUTO"
        self._clock = ArrivalClock() if self.live else FileClock(stream.time_base, self.fps)
        self._lender, self._upright = PlaneLender(), Upright(self.name)
        self._seq, self.n_broken, self._ended = 0, 0, False

    def read(self):
        """The next Frame, or None at the end and after `close`.

        Raises
        ------
        SourceTimeout : a live source has sent nothing for `timeout_s`, or nothing that is a picture
        SourceError : a live source has ended, or a file breaks off before its end (once; then None)
        """
        with self._reading:
            if self._packets is None or self._ended:
                return None
            picture = self._next_picture()
            return self._lend(picture) if picture is not None else self._end()

    def _next_picture(self):
        """The next whole picture; None when there are no more packets."""
        begun = time.monotonic()
        while True:
            while self._pictures:
                picture = self._pictures.popleft()
                if not picture.is_corrupt:
                    return picture
                self.n_broken += 1
            if self.live and time.monotonic() - begun > self._timeout_s:
                raise SourceTimeout(f"{self.name}: no picture in what came for {self._timeout_s:g} s")
            packet = self._packets.take()
            if packet is None:
                return None
            if self._tap is not None and packet.size:
                self._tap(packet, self._packets.stream)
            self._decode(packet)

    def _decode(self, packet):
        try:
            self._pictures.extend(packet.decode())
        except FFmpegError:
            self.n_broken += 1

    def _lend(self, picture):
        frame = self._lender.lend(self._upright.turn(picture))
        frame.seq, frame.t_ns = self._seq, self._clock.time_ns(picture.pts)
        self._seq += 1
        return frame

    def _end(self):
        """None where this is the end, SourceError where it should not have been."""
        if not self.is_open:
            return None
        if self.live:
            raise SourceError(f"{self.name}: the stream ended after {self._seq} frames")
        self._ended = True
        if self._packets.is_cut_short:
            raise SourceError(f"{self.name}: breaks off after {self._seq} frames; the file is cut short or damaged")
        if not self._seq:
            raise SourceError(f"{self.name}: no picture in it can be decoded ({self.n_broken} are broken)")
        return None

    def close(self):
        """Let go of the file, stream or camera; a `read` in another thread gives None. Twice is fine."""
        self.is_open = False
        packets = self._packets
        if packets is None:
            return
        packets.stop()
        with self._reading:
            self.is_open = False  # it may have been opening
            if self._packets is not None:
                self._let_go()

    def _let_go(self):
        packets, self._packets, self._pictures = self._packets, None, deque()
        packets.close()
