"""The one thread that infers: cameras take turns at one backend, the newest frame of each first."""

import threading
import time

from edgepose import decoders
from edgepose.daemon.cameras.blindness import BlindWatch
from edgepose.daemon.histogram import Histogram
from edgepose.track.options import Options
from edgepose.track.view import View

BUSY_NS = 10_000_000_000  # over which the busy share is measured
ROUND_MS = 120.0  # of looks at all cameras in turn, where the settings say nothing: a frame waits for one round at most


class InferenceLoop:
    """Takes a frame, finds the people in it, says so; `step` after `step`, in the thread that made it.

    Parameters
    ----------
    settings : Settings, of which it reads `budget_ms`, of a frame; None shares 120 ms among the cameras
    model : Model
    backend_factory : callable of a Model, gives a Backend that is not open; one for the model, one for the scout
    captures : iterable of Capture, as `add` takes them
    on_frame : callable of (camera name, PoseBatch, Slot), both lent until it returns
    on_idle : callable of now, monotonic ns
    scout : str, a model that helps to find new people, see `edgepose.track.Options`

    Attributes
    ----------
    backend : Backend, open, for looks of one's own within `on_frame`
    n_frames : int, that were looked at

    Raises
    ------
    BackendError, ModelError, BackendUnavailable, ConfigError : while it is made, what opening a backend meets

    Notes
    -----
    A camera that floods gets no more turns than the others, and of its frames the newest. Nothing here waits for a
    disk, a network or another thread but for the next frame. Stages allocate nothing
    (tests/steady/test_daemon_cameras.py).
    """

    def __init__(self, settings, model, backend_factory, captures, on_frame, on_idle, scout="none"):
        self._settings, self._model, self._scout = settings, model, scout
        self._make_backend, self._scouts = backend_factory, {}
        self._on_frame, self._on_idle = on_frame, on_idle
        self._seats, self._turn, self._bell = [], 0, threading.Event()
        self._latency, self.n_frames = Histogram(), 0
        self._busy_ns, self._since_ns, self._busy_share = 0, time.monotonic_ns(), 0.0
        self.backend, captures = backend_factory(model), tuple(captures)
        self._n_expected = len(captures)
        try:
            self.backend.open(model, None)
            for capture in captures:
                self.add(capture)
        except BaseException:
            self.close()
            raise

    def add(self, capture):
        """Give a camera a seat; the others keep theirs, and their tracks. Its thread is the caller's to start."""
        options = Options(capture.settings.max_people, self._budget_ms(), self._scout)
        view = View(self._model, self.backend, decoders.create(self._model), options, self._open_scout)
        self._seats.append(_Seat(capture, view))
        capture.bell = self._bell

    def _budget_ms(self):
        return self._settings.budget_ms or ROUND_MS / max(self._n_expected, len(self._seats) + 1)

    def remove(self, name):
        """Take a camera's seat away and give its Capture back, for the caller to close. KeyError: there is none."""
        for place, seat in enumerate(self._seats):
            if seat.name == name:
                del self._seats[place]
                self._turn -= place < self._turn
                seat.capture.bell = None
                return seat.capture
        raise KeyError(name)

    def step(self, timeout_s):
        """Look at the next frame, or wait for one; after `timeout_s` without any, be idle once.

        Returns
        -------
        bool, whether there was a frame

        Raises
        ------
        BackendError : the backend has failed, and none takes over
        """
        due_ns = time.monotonic_ns() + round(timeout_s * 1e9)
        while True:
            self._bell.clear()  # before looking: what comes from here on rings again
            if self._take_turn():
                return True
            if not self._bell.wait(max(due_ns - time.monotonic_ns(), 0) / 1e9):
                self._on_idle(time.monotonic_ns())
                return False

    def wake(self):
        """Let a `step` that waits look around; any thread may call it."""
        self._bell.set()

    def _take_turn(self):
        """Serve the camera whose last turn is longest ago of those that have a frame; whether there was one."""
        n = len(self._seats)
        for place in range(self._turn, self._turn + n):
            seat = self._seats[place % n]
            slot = seat.ring.take_newest()
            if slot is not None:
                self._turn = (place + 1) % n
                self._serve(seat, slot)
                return True
        return False

    def _serve(self, seat, slot):
        start_ns = time.monotonic_ns()
        try:
            seat.capture.blind = seat.watch.update(slot)
            seat.view.find(slot)
            self._on_frame(seat.name, seat.view.poses, slot)
        finally:
            t_ns = slot.t_ns
            seat.ring.release(slot)
        self._count(t_ns, start_ns, time.monotonic_ns())

    def _count(self, t_ns, start_ns, now_ns):
        self.n_frames += 1
        self._latency.add((now_ns - t_ns) // 1000)
        self._busy_ns += now_ns - start_ns
        if now_ns - self._since_ns >= BUSY_NS:
            self._busy_share = self._busy_ns / (now_ns - self._since_ns)
            self._busy_ns, self._since_ns = 0, now_ns

    def _open_scout(self, model):
        """The scout's backend, one for all cameras."""
        if model.name not in self._scouts:
            backend = self._make_backend(model)
            backend.open(model, None)
            self._scouts[model.name] = backend
        return self._scouts[model.name]

    def health(self):
        """{"n_frames", "latency_us" from capture until `on_frame` is done, as `Histogram.as_table` has it,
        "busy_share" 0..1 of the last ten seconds, "cameras": {name: {"n_looks", "n_still"}}}; for any thread."""
        cameras = {seat.name: {"n_looks": seat.view.n_looks, "n_still": seat.view.n_shut}
                   for seat in tuple(self._seats)}
        return {"n_frames": self.n_frames, "latency_us": self._latency.as_table(),
                "busy_share": round(self._busy_share, 3), "cameras": cameras}

    def close(self):
        """Free the backends; the cameras are the caller's. Closing twice is fine."""
        self.backend.close()
        for backend in self._scouts.values():
            backend.close()


class _Seat:
    """A camera's place in the loop: where its frames come from, and what is known of it over time."""

    __slots__ = ("capture", "name", "ring", "view", "watch")

    def __init__(self, capture, view):
        self.capture, self.name, self.ring = capture, capture.name, capture.ring
        self.view, self.watch = view, BlindWatch()
