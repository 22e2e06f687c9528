"""What outlets are owed: every revision in order, and how far each outlet has got."""

import logging
import threading

from edgepose.daemon.events.text import events_of

N_OWED = 20_000  # revisions at most; about twenty megabytes

log = logging.getLogger(__name__)


class Outbox:
    """Rows in order and a cursor for each outlet; a row that every outlet has had is removed.

    Parameters
    ----------
    n_owed : int, rows at most: beyond that the oldest is given up, and counted for whom it was meant

    Notes
    -----
    Cursors live in memory and are written with the next commit: after a crash an outlet hears again of what it
    had heard in the last seconds, never of less.
    """

    def __init__(self, n_owed=N_OWED):
        self._n_owed, self._lock = n_owed, threading.Lock()
        self._cursors, self._given_up, self._head = {}, {}, 0
        self._dirty = False

    def owe(self, names):
        """These outlets are owed events from now on, and no others."""
        with self._lock:
            self._cursors = {name: self._cursors.get(name) for name in names}
            self._given_up = {name: self._given_up.get(name, 0) for name in names}
            self._dirty = True

    def load(self, connection):
        """Take over cursors from the disk; an outlet that has none yet begins with what comes."""
        head = _head(connection)
        kept = {name: (seq, given_up) for name, seq, given_up in connection.execute("SELECT * FROM cursors")}
        with self._lock:
            self._head = head
            for name, known in self._cursors.items():
                if known is None:
                    seq, self._given_up[name] = kept.get(name, (head, 0))
                    self._cursors[name] = min(seq, head)

    def restart(self, connection):
        """Begin anew in a fresh file, with numbers greater than any that an outlet may hold."""
        with self._lock:
            head = max((seq or 0 for seq in self._cursors.values()), default=0) + N_OWED
            self._cursors, self._head = dict.fromkeys(self._cursors, head), head
            self._dirty = True
        connection.execute("INSERT INTO sqlite_sequence VALUES ('outbox', ?)", (head,))

    def write(self, connection, event, text):
        """Owe the outlets a revision, in the same transaction as the event itself."""
        if self._cursors:
            connection.execute("INSERT INTO outbox (id, body) VALUES (?, ?)", (event.id, text))

    def read(self, connection, name, limit, after=None):
        """[(seq, Event), ...] that an outlet has not had, in order; `after`: a seq to begin behind."""
        seq = max(self._cursors.get(name) or 0, after or 0)
        rows = connection.execute("SELECT seq, body FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
        return list(events_of(rows))

    def delivered(self, name, seq):
        """An outlet has had everything up to `seq`."""
        with self._lock:
            if name in self._cursors and seq > (self._cursors[name] or 0):
                self._cursors[name] = seq
                self._dirty = True

    def tidy(self, connection):
        """Within a transaction: give up what is too much, write the cursors, remove what everybody has had."""
        self.load(connection)
        with self._lock:
            head = self._head
            self._give_up(head - self._n_owed)
            rows = [(name, seq, self._given_up[name]) for name, seq in self._cursors.items()]
            self._dirty = False
        connection.execute("DELETE FROM cursors")
        connection.executemany("INSERT INTO cursors VALUES (?, ?, ?)", rows)
        connection.execute("DELETE FROM outbox WHERE seq <= ?", (min((row[1] for row in rows), default=head),))

    @property
    def dirty(self):
        """Whether a cursor is not on disk yet."""
        return self._dirty

    def spoil(self):
        """What `tidy` wrote has not reached the disk."""
        self._dirty = True

    def health(self):
        """{name: {"backlog", "n_given_up"}}, from memory."""
        with self._lock:
            return {name: {"backlog": max(0, self._head - (seq or 0)), "n_given_up": self._given_up[name]}
                    for name, seq in self._cursors.items()}

    def _give_up(self, least):
        for name, seq in self._cursors.items():
            if seq < least:
                if not self._given_up[name]:
                    log.error("outlet %s: more than %d revisions wait, the oldest are given up", name, self._n_owed)
                self._given_up[name] += least - seq
                self._cursors[name] = least


def _head(connection):
    """The greatest number there ever was, also when its row has gone."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return row[0] if row else 0
