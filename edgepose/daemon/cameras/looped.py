"""Files as cameras: played at their own pace, again and again."""

import time

from edgepose.errors import SourceError

STILL_NS = 1_000_000_000  # from one picture to the next where they have no times
LATE_NS = 500_000_000  # behind its pace by more, a file goes on from now instead of hurrying after


class Looped:
    """A source that is not live, as if it were: its frames come when they are due, and after the last the first.

    Parameters
    ----------
    source : open Source; closed by `close`
    stopped : threading.Event, ends every wait
    clock_ns : callable, monotonic ns

    Notes
    -----
    `frame.t_ns` is the moment at which a frame is handed out, as of a live source; `seq` counts on through all rounds.
    """

    live = True

    def __init__(self, source, stopped, clock_ns=time.monotonic_ns):
        self._source, self._stopped, self._clock_ns = source, stopped, clock_ns
        self.name, self._seq = source.name, 0
        self._n_broken_before = self._due_ns = 0
        self._start_ns = clock_ns()

    @property
    def n_broken(self):
        """Pictures skipped so far because they could not be decoded, in all rounds."""
        return self._n_broken_before + self._source.n_broken

    def read(self):
        """The next Frame when it is due; None once `stopped` is set. SourceError: the file holds no picture."""
        frame = self._source.read() or self._begin_again()
        if frame is None:
            raise SourceError(f"{self.name}: no picture in it")
        self._due_ns = self._start_ns + self._place_ns(frame)
        if self._stopped.wait(max(self._due_ns - self._clock_ns(), 0) / 1e9):
            return None
        frame.t_ns, frame.seq = self._clock_ns(), self._seq
        if frame.t_ns - self._due_ns > LATE_NS:
            self._start_ns += frame.t_ns - self._due_ns
        self._seq += 1
        return frame

    def _place_ns(self, frame):
        """Where a frame lies in its round."""
        return frame.t_ns if self._source.timed else frame.seq * STILL_NS

    def _begin_again(self):
        """The first frame of the next round, a frame's length after the last one's time."""
        self._n_broken_before = self.n_broken
        self._source.close()
        self._source.open()
        fps = self._source.fps or 1e9 / STILL_NS
        self._start_ns = self._due_ns + round(1e9 / fps)
        return self._source.read()

    def close(self):
        """Close the source. Closing twice is fine."""
        self._source.close()
