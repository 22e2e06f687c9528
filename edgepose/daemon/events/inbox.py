"""Events on their way to the disk: the one place where the store's thread and all others meet."""

import threading
from collections import deque

N_WAITING = 10_000  # events; with a kilobyte each, ten megabytes while a disk is full for hours
N_BATCH = 256  # that one commit takes


class Inbox:
    """A bounded queue: whoever puts never waits, the store's thread takes in batches.

    Attributes
    ----------
    n_lost : int, events whose last word was dropped because too many waited
    n_superseded : int, revisions that were dropped because too many waited, of events with a later one behind them
    """

    def __init__(self, n_waiting=N_WAITING):
        self.n_lost = self.n_superseded = 0
        self._n_waiting, self._queue, self._batch = n_waiting, deque(), []
        self._newest = {}  # id: the newest event that waits
        self._changed = threading.Condition()
        self._closed = False

    @property
    def closed(self):
        """Whether `close` was called."""
        return self._closed

    def __len__(self):
        return len(self._queue) + len(self._batch)

    def put(self, event):
        """Queue an event, which nobody changes any more; the oldest makes room where too many wait."""
        with self._changed:
            self._queue.append(event)
            self._newest[event.id] = event
            if len(self) > self._n_waiting:
                self._drop(self._queue.popleft())
            self._changed.notify_all()

    def take(self, timeout_s, most=N_BATCH):
        """The next batch, until `done` or `back`; empty when nothing came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed, timeout_s)
            self._batch = [self._queue.popleft() for _ in range(min(most, len(self._queue)))]
            return self._batch

    def back(self):
        """The batch that was taken last could not be written: it comes again."""
        with self._changed:
            self._queue.extendleft(reversed(self._batch))
            self._batch = []

    def done(self):
        """The batch that was taken last is on disk."""
        with self._changed:
            for event in self._batch:
                if self._newest.get(event.id) is event:
                    del self._newest[event.id]
            self._batch = []
            self._changed.notify_all()

    def wait_empty(self, timeout_s):
        """Wait until nothing waits any more: whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not len(self), timeout_s)

    def waiting(self):
        """The newest revision of each event that waits, oldest first."""
        with self._changed:
            return list(self._newest.values())

    def newest(self, event_id):
        """The newest waiting revision of an event, or None."""
        return self._newest.get(event_id)

    def pause(self, timeout_s):
        """Wait after a failure, but not longer than for `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, timeout_s)

    def close(self):
        """Nothing is waited for any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _drop(self, event):
        if self._newest.get(event.id) is event:
            self.n_lost += 1
            del self._newest[event.id]
        else:
            self.n_superseded += 1
