"""Packets of a video, read in the caller's thread (files) or in one of our own (network, cameras)."""

from av.error import ExitError, FFmpegError

from edgepose.errors import SourceError, SourceTimeout
from edgepose.sources.feed import Feed
from edgepose.sources.libav import video_stream

#: Formats that write down how long each stream is, and those that do so only for all streams together
_KNOW_STREAMS, _KNOW_WHOLE = ("mov", "avi"), ("matroska", "flv")


class FilePackets:
    """Packets of a file, read when they are asked for.

    Parameters
    ----------
    open_container : callable without arguments, gives PyAV's container
    name : str, what errors call it

    Attributes
    ----------
    stream : PyAV's stream of the video
    duration_s : float or None, how long the video is said to last
    """

    def __init__(self, open_container, name):
        self.name, self.duration_s, self.stream = name, None, None
        self._open_container, self._container = open_container, None
        self._end, self._last_is_cut = 0, False

    def begin(self):
        """Open the file. SourceError: it cannot be opened."""
        self._container = self._open_container()
        self.stream = video_stream(self._container, self.name)
        self.duration_s = _duration_s(self._container, self.stream)
        self._packets = self._container.demux(self.stream)

    def take(self):
        """The next packet, None at the end or where the file cannot be read on."""
        try:
            packet = next(self._packets, None)
        except FFmpegError:
            packet, self._last_is_cut = None, True
        if packet is not None and packet.size:
            self._note(packet)
        return packet

    def _note(self, packet):
        self._last_is_cut = packet.is_corrupt
        if packet.pts is not None:
            self._end = max(self._end, packet.pts - (self.stream.start_time or 0) + (packet.duration or 0))

    @property
    def is_cut_short(self):
        """Whether the file ended before its time: within a packet, or by more than 5 % and 0.2 s."""
        if self._last_is_cut or self.duration_s is None or not self._is_length_sure():
            return self._last_is_cut
        return self._end * float(self.stream.time_base) < 0.95 * self.duration_s - 0.2

    def _is_length_sure(self):
        """Elsewhere FFmpeg estimates it, or it is that of a longer sound."""
        format = self._container.format.name.partition(",")[0]
        return format in _KNOW_STREAMS or (format in _KNOW_WHOLE and len(self._container.streams) == 1)

    def stop(self):
        """Nothing to do: `take` waits for nobody."""

    def close(self):
        """Free the file; nobody may be using a packet."""
        if self._container is not None:
            self._container.close()


class LivePackets:
    """Packets of a network stream or a camera, read ahead by a thread, because FFmpeg cannot be interrupted.

    Parameters
    ----------
    open_container, name : as for FilePackets
    timeout_s : float, how long `take` waits for a packet
    """

    is_cut_short = False

    def __init__(self, open_container, name, timeout_s):
        self.name, self.duration_s, self.stream, self._container = name, None, None, None
        self._timeout_s = timeout_s
        self._feed = Feed(self._fetch(open_container), self._free)

    def begin(self):
        """Wait until it is open. SourceError, SourceTimeout: it cannot be opened, or `stop` came before."""
        self.stream = self._take(2 * self._timeout_s)  # one for connecting, one for finding out what is sent
        if self.stream is None:
            raise SourceError(f"{self.name}: closed before it was open")

    def _fetch(self, open_container):
        """The stream, then its packets. Runs in the feed's thread."""
        self._container = open_container()
        stream = video_stream(self._container, self.name)
        self.duration_s = _duration_s(self._container, stream)
        yield stream
        try:
            yield from self._container.demux(stream)
        except (ExitError, TimeoutError):
            raise SourceTimeout(f"{self.name}: nothing came for {self._timeout_s:g} s") from None
        except FFmpegError as error:
            raise SourceError(f"{self.name}: the stream broke off: {error.strerror}") from None

    def take(self):
        """The next packet; None at the end and after `stop`. SourceTimeout, SourceError: none came."""
        return self._take(self._timeout_s)

    def _take(self, wait_s):
        try:
            return self._feed.take(wait_s)
        except SourceTimeout:
            raise
        except TimeoutError as error:
            raise SourceTimeout(f"{self.name}: {error}") from None

    def stop(self):
        """Let a waiting `take` return None."""
        self._feed.stop()

    def close(self):
        """Give up the stream; nobody may be using a packet."""
        self._feed.close()

    def _free(self):
        container, self._container, self.stream = self._container, None, None
        if container is not None:
            container.close()


def _duration_s(container, stream):
    """Seconds that the video is said to last, or None."""
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * float(stream.time_base)
    return container.duration / 1e6 if container.duration is not None else None
