"""A backend with another in reserve: a GPU that goes away in the night ends neither the run nor a frame."""

from edgepose import backends
from edgepose.errors import BackendError, BackendUnavailable, ModelError
from edgepose.letterbox import Letterbox


def secure(backend, settings, report):
    """The backend with the other installed ones behind it; alone where there are none, or where it only replays.

    Parameters are those of `Standby`.
    """
    others = [name for name in backends.installed() if name != backend.name]
    return Standby(backend, others, settings, report) if others and backend.name in backends.AUTOMATIC else backend


class Standby:
    """Runs one backend until it fails, then another, on the frame that failed first of all.

    Parameters
    ----------
    backend : Backend, not open yet
    others : names of backends that may follow it, the preferred one first
    settings : dict, of which each backend gets those that it takes
    report : callable of one line, told when another takes over

    Notes
    -----
    All that a Backend has is the running one's, `name` and `outputs` too. The second one's fault is raised.
    """

    def __init__(self, backend, others, settings, report):
        self._running, self._others, self._settings, self._report = backend, list(others), settings, report
        self._opened_with, self._letterbox = (), None

    def open(self, model, ring):
        """Open the first backend; a fault here is its own, and nobody takes over."""
        self._opened_with, self._letterbox = (model, ring), Letterbox.of(model.input)
        self._running.open(model, ring)

    def infer(self, slot):
        """Run the network on what is in a slot, if need be on the other backend. BackendError."""
        try:
            self._run(slot)
        except BackendError as fault:
            self._replace(fault)
            self._run(slot)

    def close(self):
        """Free what runs. Closing twice is fine."""
        self._running.close()

    def _run(self, slot):
        if slot.raw and not getattr(self._running, "letterbox", None):  # it was meant for a device that has failed
            self._letterbox.fill(slot.frame, slot)
        self._running.infer(slot)

    def _replace(self, fault):
        """Let the first of the others that opens take over; the fault is raised where none does."""
        self._running.close()
        while self._others:
            name = self._others.pop(0)
            try:
                other = backends.find(name)(**backends.known_settings(name, self._settings))
                other.open(*self._opened_with)
            except (BackendUnavailable, BackendError, ModelError):
                continue
            self._running, self._others = other, []
            self._report(f"{fault}; going on with {other.package}")
            return
        raise fault

    def __getattr__(self, name):
        return getattr(self._running, name)

    def __repr__(self):
        return f"<Standby {self._running!r}, then {', '.join(self._others) or 'none'}>"
