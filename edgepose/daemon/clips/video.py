"""A video clip of one event, which grows while the event lasts."""

from edgepose.daemon.clips.remux import Mp4
from edgepose.sinks.paths import sink_error

_MAX_PARTS = 9  # a camera whose picture changes size again and again


class VideoClip:
    """Takes packets from a ring and writes them into MP4 files on a shelf: one, and another where the stream changes.

    Parameters
    ----------
    event_id : str
    ring : PacketRing
    shelf : Shelf
    begin_ns, end_ns : int, monotonic; it begins with the last key frame before, or the first one after

    Attributes
    ----------
    end_ns : int, may be set
    is_full : bool, it takes no more: the files have become too large or too many

    Notes
    -----
    SinkError from `follow` and `close`: the disk takes no more. What was finished before stays.
    """

    def __init__(self, event_id, ring, shelf, begin_ns, end_ns):
        self._id, self._ring, self._shelf, self.end_ns = event_id, ring, shelf, end_ns
        self._begin_ns, self._next, self._needs_key = begin_ns, None, True
        self._mp4 = self._name = None
        self._n_parts, self._n_bytes, self.is_full = 0, 0, False

    def follow(self):
        """Write what has come since, up to the end."""
        if self._next is None:
            self._next = self._ring.key_before(self._begin_ns)
        packets = self._packets()
        while packets and not self.is_full:
            for packet in packets:
                self._take(packet)
            if self._mp4 is not None:
                self._shelf.grow(self._name, self._mp4.n_bytes)
            packets = self._packets()

    def close(self):
        """Finish the file that is open; whether there is any."""
        mp4, self._mp4 = self._mp4, None
        if mp4 is not None:
            try:
                mp4.close()
                self._shelf.finish(self._name)
            except OSError as error:
                self._shelf.drop(self._name)
                raise sink_error(self._name, error) from error
        return self._n_parts > 0

    def give_up(self):
        """Throw away what is not finished."""
        mp4, self._mp4 = self._mp4, None
        if mp4 is not None:
            mp4.give_up()
            self._shelf.drop(self._name)

    def _packets(self):
        return [] if self._next is None else self._ring.since(self._next)

    def _take(self, packet):
        # Where the disk was too slow, the ring has gone on without us
        self._needs_key = (self._needs_key or packet.serial != self._next) and not packet.is_key
        self._next = packet.serial + 1
        if self._needs_key or packet.t_ns > self.end_ns or self.is_full:
            return
        if self._mp4 is None or not self._mp4.takes(packet):
            self._begin_part(packet)
        self._n_bytes += len(packet.data)
        self.is_full = self.is_full or self._n_bytes > self._shelf.max_clip_bytes
        if not self.is_full:
            self._mp4.write(packet)

    def _begin_part(self, packet):
        self.close()
        self.is_full = self._n_parts == _MAX_PARTS
        if not self.is_full:
            self._n_parts += 1
            self._name = self._id + (".mp4" if self._n_parts == 1 else f".{self._n_parts}.mp4")
            self._mp4 = Mp4(self._shelf.begin(self._name), packet)
