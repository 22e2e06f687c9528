"""Carries events from the store to one outlet, in order, each until it has arrived or is given up."""

import logging
import threading

from edgepose.daemon.backoff import Backoff
from edgepose.errors import first_line

N_AT_ONCE = 32
N_TRIES = 5  # of what was refused for good
FIRST_S, MOST_S = 1.0, 300.0  # between tries
LOOK_S = 30.0  # for what is owed, also when nobody woke the courier

log = logging.getLogger(__name__)


class Undelivered(Exception):
    """An event did not arrive. `after_s`: when to try again, if the other side said so; `final`: it was refused."""

    def __init__(self, reason, after_s=None, final=False):
        super().__init__(reason)
        self.after_s, self.final = after_s, final


class CarriedOutlet:
    """What outlets have in common whose events a Courier carries; each has a `_send(event)` that raises Undelivered.

    Parameters
    ----------
    name : str, which its cursor in the store is kept under
    store : EventStore
    """

    def __init__(self, name, store):
        self.name, self._courier = name, Courier(name, store, self._send)

    def announce(self, event):
        """There is an event; returns at once."""
        self._courier.wake()

    def poses(self, camera, text):
        """Poses do not go here."""

    def health(self):
        """Plain values for the page and the metrics."""
        return self._courier.health()


class Courier:
    """A thread that calls `send(event)` for everything that is owed to an outlet.

    Parameters
    ----------
    name : str, the outlet's, which its cursor is kept under
    store : EventStore
    send : callable; raises Undelivered
    """

    def __init__(self, name, store, send):
        self._name, self._store, self._send = name, store, send
        self._wake, self._closing, self._thread = threading.Event(), threading.Event(), None
        self._backoff, self._n_tries = Backoff(FIRST_S, MOST_S), 0
        self._n_delivered = self._n_retries = self._n_refused = 0
        self._trouble = None

    def open(self):
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name=f"edgepose-{self._name}", daemon=True)
        self._thread.start()

    def wake(self):
        """There is something new; returns at once."""
        self._wake.set()

    def health(self):
        """Plain values for the page and the metrics."""
        return {"state": "down" if self._trouble else "live", "error": self._trouble, "n_retries": self._n_retries,
                "n_delivered": self._n_delivered, "n_refused": self._n_refused}

    def stop(self):
        """Begin no more deliveries."""
        self._closing.set()
        self._wake.set()

    def check_open(self):
        """Raise Undelivered where `stop` was called."""
        if self._closing.is_set():
            raise Undelivered("the daemon stops")

    def join(self, timeout_s):
        """Wait for the thread's end; twice is fine."""
        thread, self._thread = self._thread, None
        if thread:
            thread.join(timeout_s)

    def _run(self):
        while not self._closing.is_set():
            self._wake.clear()
            entries = self._store.pending(self._name, N_AT_ONCE)
            if not entries:
                self._wake.wait(LOOK_S)
            for seq, event in entries:
                if self._closing.is_set() or not self._deliver(seq, event):
                    break

    def _deliver(self, seq, event):
        """Whether the next event may follow."""
        try:
            self._send(event)
        except Undelivered as error:
            return self._failed(seq, event, error)
        except Exception as error:  # a fault of ours: the thread lives on, and the event is not in the way for ever
            log.exception("%s: fault", self._name)
            return self._failed(seq, event, Undelivered(first_line(error), final=True))
        self._n_delivered += 1
        self._done(seq)
        if self._trouble:
            log.warning("%s: events arrive again", self._name)
        self._trouble = None
        return True

    def _failed(self, seq, event, error):
        self._n_retries += 1
        self._n_tries += error.final
        if not self._trouble:
            log.warning("%s: events do not arrive: %s", self._name, error)
        self._trouble = str(error)
        if self._n_tries >= N_TRIES:
            self._n_refused += 1
            log.error("%s: event %s, revision %d is given up: %s", self._name, event.id, event.revision, error)
            self._done(seq)
            return True
        self._closing.wait(self._backoff.next_s() if error.after_s is None else error.after_s)
        return False

    def _done(self, seq):
        self._store.delivered(self._name, seq)
        self._backoff.reset()
        self._n_tries = 0
