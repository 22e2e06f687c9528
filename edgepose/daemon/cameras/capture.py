"""One camera's thread: frames into a ring for as long as it runs, whatever happens to the camera."""

import threading

from edgepose import sources
from edgepose.daemon.cameras.backoff import Backoff
from edgepose.daemon.cameras.health import Health
from edgepose.daemon.cameras.looped import Looped
from edgepose.daemon.cameras.pace import Pace
from edgepose.errors import EdgePoseError, SourceTimeout, first_line
from edgepose.letterbox import Letterbox
from edgepose.ring import FrameRing
from edgepose.sources.address import mask_password

N_SLOTS = 3  # one in the loop's hands, one published, one being written
_OWN_SETTINGS = ("name", "source", "fps", "timeout_s", "max_people")
_PUSH_S = 0.05  # how often a source that does not let go is told again


class Capture:
    """Captures one camera in a thread of its own; a fault is noted, waited out and tried again, never raised.

    Parameters
    ----------
    settings : CameraSettings
    model_input : Input of the model
    tap : callable of every packet and PyAV's stream that it is of, called in the thread; or None
    backoff : Backoff between attempts, or None for 1 s to 60 s

    Attributes
    ----------
    name : str
    ring : FrameRing of slots with a `frame`, whose `seq` counts through all connections
    bell : threading.Event or None, set after every frame that is published
    blind : None or why the camera sees nothing; written by the inference loop

    Notes
    -----
    Frames beyond the camera's `fps` cost their decoding only. `stop` and `close` may be called at any moment, also
    while an address does not answer; the thread is gone within a second (tests/contract/test_daemon_cameras.py). Only
    FFmpeg's own thread of a connection may outlive it, by `timeout_s` at most.
    """

    def __init__(self, settings, model_input, tap=None, backoff=None):
        self.settings, self.name, self.bell = settings, settings.name, None
        self.ring = FrameRing(model_input.height, model_input.width, N_SLOTS, "drop")
        self._letterbox, self._tap, self._backoff = Letterbox.of(model_input), tap, backoff or Backoff()
        self._health, self._pace = Health(settings.timeout_s), Pace(settings.fps)
        self._stopped, self._source = threading.Event(), None
        self._thread = threading.Thread(target=self._run, name=f"edgepose-{settings.name}", daemon=True)

    def serves(self, settings):
        """Whether a Capture and a seat in the loop made for these settings would do just the same: zones, rules and
        what the page may show are others' matter."""
        return all(getattr(self.settings, key) == getattr(settings, key) for key in _OWN_SETTINGS)

    def start(self):
        """Begin; once only."""
        self._thread.start()

    @property
    def health(self):
        """{"state", "since_ms", "fps", "width", "height", "n_frames", "n_drops", "n_broken", "n_reconnects",
        "last_error", "blind"}, see `Health`."""
        return self._health.as_table(self.ring.dropped)

    @property
    def blind(self):
        return self._health.blind

    @blind.setter
    def blind(self, kind):
        self._health.blind = kind

    def stop(self):
        """Tell the thread to end; does not wait for it."""
        self._stopped.set()
        self.ring.close()
        source = self._source
        if source is not None:
            source.close()

    def close(self):
        """Stop, and wait until the thread is gone. Closing twice is fine."""
        self.stop()
        while self._thread.is_alive():
            self._thread.join(_PUSH_S)
            self.stop()  # what was opened in between has not heard it

    def _run(self):
        while not self._stopped.is_set():
            line, is_silent = self._attend()
            if self._stopped.is_set():
                return
            self._backoff.ran(self._health.lost(line, is_silent))
            self._stopped.wait(self._backoff.next_s())

    def _attend(self):
        """Capture until the camera is lost; (a line that says how, whether it just fell silent)."""
        try:
            self._source = source = sources.prepare_source(
                self.settings.source, timeout_s=self.settings.timeout_s, tap=self._tap)
            source.open()
            if not source.live:
                self._source = source = Looped(source, self._stopped)
            self._capture(source)
        except Exception as fault:  # whatever it is, it is this camera's, and the others go on
            return self._words(fault), isinstance(fault, SourceTimeout)
        finally:
            self._let_go()
        return f"{mask_password(self.settings.source)}: the stream ended", False

    def _let_go(self):
        source, self._source = self._source, None
        if source is not None:
            source.close()

    def _capture(self, source):
        health, pace = self._health, self._pace
        while not self._stopped.is_set() and (frame := source.read()) is not None:
            frame.seq = health.n_frames
            health.saw(frame, source.n_broken)
            if pace.is_due(frame.t_ns):
                self._publish(frame)

    def _publish(self, frame):
        slot = self.ring.claim()
        if slot is None:
            return
        self._letterbox.write(frame, slot)
        slot.describe(frame)
        slot.keep(frame)
        self.ring.publish(slot)
        if self.bell is not None:
            self.bell.set()

    def _words(self, fault):
        """A line for people; the words of others may hold the address, and with it a password."""
        if isinstance(fault, EdgePoseError):
            return str(fault)
        line, spec = first_line(fault), self.settings.source
        return f"{mask_password(spec)}: {type(fault).__name__}: {line.replace(spec, mask_password(spec))}"

    def __repr__(self):
        return f"<Capture {self.name} of {mask_password(self.settings.source)}: {self._health.state}>"
