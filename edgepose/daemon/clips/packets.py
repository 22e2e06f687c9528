"""The camera's own packets of the last seconds, in memory of a fixed size."""

import threading
import time
from collections import deque, namedtuple

import av

from edgepose.daemon.clips.looks import look_of
from edgepose.daemon.clips.stream import Stream, codec_of
from edgepose.errors import first_line

_MAX_PACKETS = 8192  # small ones of a scene in which nothing moves; five minutes at 25 a second
_JUMP_S = 10.0  # a longer step from packet to packet is no pause, but another clock

#: A packet in the ring: `start` is its place in all that was ever written there
_Kept = namedtuple("_Kept", "serial start n_bytes t_ns pts dts duration is_key stream run")
#: A packet in memory of its own. `serial` counts packets, `run` the times that a camera's clock began anew; `t_ns` is
#: when it came, monotonic; pts, dts (both may be None) and duration are in the stream's unit
Packet = namedtuple("Packet", "serial data t_ns pts dts duration is_key stream run")


class PacketRing:
    """Remembers a camera's packets, as many as there is room for.

    Parameters
    ----------
    n_bytes : int, taken at once and for ever

    Attributes
    ----------
    n_packets, n_lost : int, kept, and not kept: too large, or before a key frame
    refusal : str or None, why this camera's packets cannot be kept

    Notes
    -----
    `tap` copies a packet, because whoever decodes or writes PyAV's may change it, and never raises; it runs in the
    camera's capture thread, `since` in the recorder's. What is remembered begins anew with a key frame where the
    stream is another one (a reconnect), where it looks different (another size) and where its time stamps jump.
    """

    def __init__(self, n_bytes, clock_ns=time.monotonic_ns):
        self._arena, self._n_bytes, self._clock_ns = memoryview(bytearray(n_bytes)), n_bytes, clock_ns
        self._kept, self._end, self._lock = deque(), 0, threading.Lock()
        self._stream = self._origin = self._dts = None
        self._run, self._is_torn, self.n_packets, self.n_lost, self.refusal = 0, True, 0, 0, None

    def tap(self, packet, stream):
        """Copy a packet that was just read from PyAV's stream."""
        if not packet.size:
            return
        data = memoryview(packet)
        if self._follows(packet, stream, data) and len(data) <= self._n_bytes // 2:
            self._keep(packet, data)
        else:
            self._is_torn = True  # what comes after a lost one needs a key frame
            self.n_lost += 1

    def _follows(self, packet, stream, data):
        """Whether a packet can be understood: it goes on where the last one was, or it is a key frame."""
        # A stream's metadata is an object of its own and small; the stream itself would keep its decoder alive
        goes_on = not self._is_torn and self._origin is stream.metadata and not self._jumps(packet)
        self._dts = packet.dts
        if not packet.is_keyframe:
            return goes_on
        look = look_of(codec_of(stream), data)
        if goes_on and (not look or look == self._stream.look):
            return True
        return self._begin(stream, look)

    def _jumps(self, packet):
        """Whether a packet's time stamp goes back, or on by more than a pause may take."""
        if self._dts is None or packet.dts is None:
            return False
        return not 0 <= (packet.dts - self._dts) * float(packet.time_base) <= _JUMP_S

    def _begin(self, stream, look):
        """Begin a run with a key frame; False where an MP4 cannot hold what the camera sends."""
        try:
            self._stream, self._origin, self.refusal = Stream.of(stream, look), stream.metadata, None
        except (ValueError, av.FFmpegError) as error:
            self.refusal = f"{codec_of(stream)} does not go into an MP4: {first_line(error)}"
            return False
        self._run, self._is_torn = self._run + 1, False
        return True

    def _keep(self, packet, data):
        with self._lock:
            start = self._place(len(data))
            self._arena[start % self._n_bytes:start % self._n_bytes + len(data)] = data
            times = self._clock_ns(), packet.pts, packet.dts, packet.duration or 0
            self._kept.append(_Kept(self.n_packets, start, len(data), *times, packet.is_keyframe, self._stream,
                                    self._run))
            self.n_packets += 1

    def _place(self, n_bytes):
        """Where so many bytes go, in one piece; what lay there is forgotten."""
        left = self._n_bytes - self._end % self._n_bytes
        start = self._end if n_bytes <= left else self._end + left
        self._end = start + n_bytes
        while self._kept and (self._kept[0].start < self._end - self._n_bytes or len(self._kept) >= _MAX_PACKETS):
            self._kept.popleft()
        return start

    def key_before(self, t_ns):
        """The serial of the last key frame that came before a time, or of the first one after; None without any."""
        with self._lock:
            keys = [kept for kept in self._kept if kept.is_key]
        earlier = [kept.serial for kept in keys if kept.t_ns <= t_ns]
        return earlier[-1] if earlier else keys[0].serial if keys else None

    def since(self, serial, n_bytes=1 << 20):
        """Packets from a serial on, copied: the first of them and as many more as make n_bytes; may be none."""
        packets, total = [], 0
        with self._lock:
            first = self._kept[0].serial if self._kept else 0
            for i in range(max(0, serial - first), len(self._kept)):
                packets.append(self._copy(self._kept[i]))
                total += len(packets[-1].data)
                if total >= n_bytes:
                    break
        return packets

    def _copy(self, kept):
        place = kept.start % self._n_bytes
        return Packet(kept.serial, bytes(self._arena[place:place + kept.n_bytes]), *kept[3:])

    def __repr__(self):
        return f"<PacketRing {len(self._kept)} packets in {self._n_bytes} bytes>"

