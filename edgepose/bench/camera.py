"""A source that never ends, as fast as it is read or at a camera's pace."""

import itertools
import math
import time
from time import monotonic_ns

from edgepose import sources
from edgepose.errors import SourceError


class Camera:
    """Plays sources in turn, each for a while and again where it ends, and notes when each frame came.

    Parameters
    ----------
    specs : sources, as `edgepose.open_source` takes them; one that is live is read as it comes, and to its end
    stamps : Stamps; `due`, `read` and `frame` are written
    fps : float or None, pace; frames that are due while the last one is still being read are gaps
    first, step : int, rows of the frames: the first one's, and from one to the next
    phase : float 0..1, of a frame, by which the first is late: cameras do not tick together
    turn_s : float, how long a source plays before the next one does, however fast the machine is

    Attributes
    ----------
    live : bool, True where frames come at their own pace
    gaps : int, frames that never were because reading took too long
    n_rewinds, rewind_ns : int, how often a source was opened again, and the time that took, which no stage has

    Notes
    -----
    A frame's time is the moment at which it was due, or, without a pace, the one at which its reading began.
    """

    n_frames, timed = None, True

    def __init__(self, specs, stamps, fps=None, first=0, step=1, phase=0.0, turn_s=math.inf):
        self._specs, self._stamps = itertools.cycle(specs), stamps
        self._turn_ns, self._begun_ns = turn_s * 1e9 if len(specs) > 1 else math.inf, None
        self._row, self._step = first, step
        self._spec = next(self._specs)
        self._source = sources.open_source(self._spec)
        self._is_live = self._source.live
        self._pace = Pace(fps, phase) if fps and not self._is_live else None
        self.live, self.name = self._is_live or self._pace is not None, self._source.name
        self.fps = fps or self._source.fps
        self.n_rewinds = self.rewind_ns = self._n_broken = self._n_read = 0

    @property
    def gaps(self):
        """Frames that never were."""
        return self._pace.n_missed if self._pace else 0

    @property
    def n_broken(self):
        """Pictures skipped so far because they could not be decoded."""
        return self._n_broken + self._source.n_broken

    def read(self):
        """The next Frame, or None when the rows are used up or a live source ends."""
        row, stamps = self._row, self._stamps
        if row >= stamps.n_rows:
            return None
        self._take_turns()
        due = self._pace.wait() if self._pace else 0
        begun = monotonic_ns()
        frame = self._source.read() or self._read_again()
        now = monotonic_ns()
        if self._is_live:
            due = begun = frame.t_ns
        stamps.read[row], stamps.frame[row], stamps.due[row] = begun, now, due or begun
        frame.seq, frame.t_ns = row, due or begun
        self._row += self._step
        self._n_read += 1
        return frame

    def _take_turns(self):
        """Go on with the next source when it is time, or with the same at its end, where that is known beforehand."""
        now = monotonic_ns()
        self._begun_ns = now if self._begun_ns is None else self._begun_ns
        if now - self._begun_ns >= self._turn_ns:
            self._spec, self._begun_ns = next(self._specs), now
            self._rewind()
        elif self._n_read == self._source.n_frames:
            self._rewind()

    def _read_again(self):
        """The first frame of the source that has ended. SourceError where it has none."""
        self._rewind()
        frame = self._source.read()
        if frame is None:
            raise SourceError(f"{self._source.name}: no picture in it")
        return frame

    def _rewind(self):
        begun = monotonic_ns()
        self._n_broken += self._source.n_broken
        self._source.close()
        self._source = sources.open_source(self._spec)
        self._n_read = 0
        self.n_rewinds += 1
        self.rewind_ns += monotonic_ns() - begun

    def close(self):
        """Close the source that is open."""
        self._source.close()


class Pace:
    """A camera's clock: frames are due at even steps, the first at the first call, or by its phase later.

    Parameters
    ----------
    fps : float
    phase : float 0..1, of a step

    Attributes
    ----------
    n_missed : int, steps that had passed before they were asked for
    """

    def __init__(self, fps, phase=0.0, clock_ns=monotonic_ns, sleep=time.sleep):
        self._phase, self._period_ns, self._clock_ns, self._sleep = phase, 1e9 / fps, clock_ns, sleep
        self._start_ns, self._step, self.n_missed = None, 0, 0

    def wait(self):
        """Wait for the next frame; the moment at which it is due, ns."""
        now = self._clock_ns()
        if self._start_ns is None:
            self._start_ns = now + round(self._phase * self._period_ns)
        late = int((now - self._start_ns) // self._period_ns) - self._step
        if late > 0:  # a camera does not wait: what has passed is lost
            self.n_missed += late
            self._step += late
        due = self._start_ns + round(self._step * self._period_ns)
        self._step += 1
        while (left := due - self._clock_ns()) > 0:
            self._sleep(left / 1e9)
        return due
