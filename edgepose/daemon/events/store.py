"""The event store: an event is on disk before anybody hears of it, and outlets get what they missed."""

import logging
import os
import threading

from edgepose.daemon.events import archive, file
from edgepose.daemon.events.disk import Disk
from edgepose.daemon.events.inbox import N_BATCH, N_WAITING, Inbox
from edgepose.daemon.events.outbox import N_OWED, Outbox
from edgepose.daemon.wall import wall_ms
from edgepose.errors import EdgePoseError

RETRY_S, RETRY_MOST_S = 0.5, 15.0  # after a failure, doubled each time
TIDY_S = 5.0  # cursors on disk are at most so much older than in memory
CLOSE_S = 2.0

log = logging.getLogger(__name__)


class EventStore:
    """Events in a SQLite file, with a thread that writes them.

    Parameters
    ----------
    path : str or Path of the file; beside it lie its write-ahead log, a lock and a ballast file
    max_events : int, older ones are removed; `max_age_s` : float, likewise
    n_waiting, n_owed : int, bounds of what waits for the disk and for outlets
    wall_ms : callable that gives ms since 1970

    Notes
    -----
    `put` never waits. What has been announced survives SIGKILL (benchmarks/kill_store.py). Listeners are called in
    the store's thread and must not wait either.
    """

    def __init__(self, path, max_events=100_000, max_age_s=365 * 86400.0, n_waiting=N_WAITING, n_owed=N_OWED,
                 wall_ms=wall_ms):
        self._path, self._inbox, self._outbox = os.fspath(path), Inbox(n_waiting), Outbox(n_owed)
        self._disk = Disk(self._path, self._outbox, max_events, int(max_age_s * 1000), wall_ms)
        self._listeners, self._lock, self._thread = [], None, None

    def open(self, outlets=()):
        """Open or make the file and start the thread. `outlets`: the names of all who are owed events.

        Raises
        ------
        SinkError : the directory cannot be written, or another daemon uses the file
        ConfigError : a newer edgepose made the file
        """
        self._lock = file.lock(self._path)
        try:
            self.owe(outlets)
            self._disk.open()
        except EdgePoseError:
            self.close()
            raise
        self._thread = threading.Thread(target=self._run, name="edgepose-store", daemon=True)
        self._thread.start()

    def owe(self, outlets):
        """From now on these outlets are owed events: new ones what comes, all others are forgotten."""
        self._outbox.owe(outlets)
        self._disk.read(self._outbox.load, None)

    def attach(self, listener):
        """Call `listener.announce(event)` for every revision from now on, once it is on disk."""
        self._listeners = [*self._listeners, listener]

    def detach(self, listener):
        """No more announcements to it."""
        self._listeners = [other for other in self._listeners if other is not listener]

    def put(self, event):
        """Queue a revision that nobody changes any more; returns at once, from any thread."""
        self._inbox.put(event)

    def events(self, limit=50, before=None, camera=None):
        """Events, newest first, also those that wait for room on the disk."""
        kept = {event.id: event for event in self._disk.read(archive.read, [], limit, before, camera)}
        for event in self._inbox.waiting():
            if (before is None or event.id < before) and camera in (None, event.camera):
                kept[event.id] = event
        return sorted(kept.values(), key=lambda event: event.id, reverse=True)[:limit]

    def event(self, event_id):
        """The newest revision of an event, or None."""
        return self._inbox.newest(event_id) or self._disk.read(archive.find, None, event_id)

    def alive(self, limit=1000):
        """What is on disk of open events and of alarms that nobody has acknowledged, oldest first."""
        return self._disk.read(archive.alive, [], limit)

    def last_id(self):
        """The greatest id on disk, or None."""
        return self._disk.read(archive.last_id, None)

    def pending(self, outlet, limit=50, after=None):
        """[(seq, Event), ...] that an outlet has not had yet, in order; `after`: a seq to begin behind."""
        return self._disk.read(self._outbox.read, [], outlet, limit, after)

    def delivered(self, outlet, seq):
        """An outlet has had everything up to `seq`."""
        self._outbox.delivered(outlet, seq)

    def health(self):
        """Plain values for the page and the metrics, from memory."""
        disk, inbox = self._disk, self._inbox
        return {"state": "failing" if disk.trouble else "writing", "error": disk.trouble, "n_waiting": len(inbox),
                "n_written": disk.n_written, "n_lost": inbox.n_lost, "n_superseded": inbox.n_superseded,
                "n_forgotten": disk.n_forgotten, "n_failures": disk.n_failures, "bytes": disk.n_bytes,
                "n_moved_aside": disk.n_moved_aside, "outlets": self._outbox.health()}

    def flush(self, timeout_s=CLOSE_S):
        """Wait until all that was put is on disk: whether it is."""
        return self._inbox.wait_empty(timeout_s)

    def close(self):
        """Write what waits, as far as that goes within `CLOSE_S`, and let go of the file. Twice is fine."""
        thread, self._thread = self._thread, None
        if thread:
            self.flush(CLOSE_S)
            self._inbox.close()
            thread.join(CLOSE_S)
        self._disk.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _run(self):
        pause_s, most = RETRY_S, N_BATCH
        while not self._inbox.closed:
            batch = self._inbox.take(TIDY_S, most)
            if self._disk.write(batch):
                self._announce(batch)
                self._inbox.done()
                self._disk.sweep()
                pause_s, most = RETRY_S, min(2 * most, N_BATCH)
            else:  # there may be room for fewer
                self._inbox.back()
                self._inbox.pause(pause_s)
                pause_s, most = min(2 * pause_s, RETRY_MOST_S), max(1, most // 8)
        self._disk.write([])

    def _announce(self, batch):
        for event in batch:
            for listener in self._listeners:
                try:
                    listener.announce(event)
                except Exception:  # a listener's fault is not the store's: the next one hears of it all the same
                    log.exception("%r failed on event %s", listener, event.id)

    def __repr__(self):
        return f"<EventStore {self._path}: {len(self._inbox)} waiting, {self._disk.trouble or 'writing'}>"
