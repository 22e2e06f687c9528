"""A camera's packets as MP4 files, not re-encoded."""

import contextlib
from fractions import Fraction

import av

from edgepose.errors import SinkError
from edgepose.sinks.paths import sink_error

_NS = Fraction(1, 1_000_000_000)


class Mp4:
    """One MP4 file with packets of one Stream. Times in it run from the first packet on, pauses included.

    Parameters
    ----------
    path : str
    first : Packet, a key frame; its stream is the file's

    Raises
    ------
    SinkError : the file cannot be made
    """

    def __init__(self, path, first):
        self._path, self._stream, self._t_ns = path, first.stream, first.t_ns
        self._run, self._shift, self._last = None, 0, -1
        self.n_bytes = self.n_packets = 0
        # Written whole before anybody sees it, so the index can go to the front, where players on phones want it
        self._container = av.open("file:" + path, "w", format="mp4", options={"movflags": "+faststart"})
        self._out = self._guard(first.stream.add_to, self._container, first.data)

    def takes(self, packet):
        """Whether a packet belongs into this file."""
        return packet.stream is self._stream or packet.stream == self._stream

    def write(self, packet):
        """Add a packet; SinkError where the file takes no more."""
        copy = av.Packet(packet.data)
        copy.time_base, copy.is_keyframe, copy.duration = self._stream.time_base, packet.is_key, packet.duration
        copy.pts, copy.dts = self._times(packet)
        self._last, copy.stream = copy.dts, self._out
        self._guard(self._container.mux, copy)
        self.n_bytes += len(packet.data)
        self.n_packets += 1

    def close(self):
        """Write the index; SinkError where it does not fit. Once only."""
        self._guard(self._container.close)

    def _times(self, packet):
        """(pts, dts) in the file, in the stream's unit; dts rises, and pts is never before it."""
        came = round((packet.t_ns - self._t_ns) * _NS / self._stream.time_base)
        stamp = packet.pts if packet.dts is None else packet.dts
        if packet.run != self._run and stamp is not None:  # another clock, put where its first packet came
            self._run, self._shift = packet.run, came - stamp
        pts = came if packet.pts is None else packet.pts + self._shift
        # Cameras that send pictures out of order leave the first dts out
        dts = min(pts, self._last + packet.duration) if packet.dts is None else packet.dts + self._shift
        dts = max(dts, self._last + 1)
        return max(pts, dts), dts

    def _guard(self, step, *args):
        try:
            return step(*args)
        except (av.FFmpegError, ValueError) as error:
            with contextlib.suppress(av.FFmpegError, ValueError):
                self._container.close()
            raise sink_error(self._path, error) from error

    def give_up(self):
        """Let go of the file, whatever is in it."""
        with contextlib.suppress(SinkError):
            self.close()
