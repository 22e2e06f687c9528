"""The store's hold on its file: connections, transactions, and what is done when they fail."""

import contextlib
import logging
import os
import sqlite3
import threading
import time

from edgepose.daemon.events import archive, file
from edgepose.daemon.events.ballast import Ballast
from edgepose.errors import first_line

RETENTION_S = 3600.0
N_UNTIL_RETENTION = 500  # events of a busy house

log = logging.getLogger(__name__)


class Disk:
    """Events and the outbox in one SQLite file. One thread writes, any may read.

    Parameters
    ----------
    path : str
    outbox : Outbox
    max_events, max_age_ms : int, what retention leaves
    wall_ms : callable that gives ms since 1970

    Attributes
    ----------
    trouble : str or None, why nothing can be written at the moment
    n_bytes : int, of the file and its log at the last commit
    n_written, n_forgotten, n_failures, n_moved_aside : int
    """

    def __init__(self, path, outbox, max_events, max_age_ms, wall_ms):
        self._path, self._outbox, self._wall_ms = path, outbox, wall_ms
        self._max_events, self._max_age_ms = max_events, max_age_ms
        self._writer = self._reader = None
        self._reading, self._broken = threading.Lock(), None
        self._ballast = Ballast(f"{path}.ballast")
        self.trouble = None
        self.n_bytes = self.n_written = self.n_forgotten = self.n_failures = self.n_moved_aside = 0
        self._n_since, self._swept_s = 0, None

    def open(self):
        """Open the file where it is not open; ConfigError where a newer edgepose made it. Whether it is open."""
        return self._try(lambda: None)

    def write(self, batch):
        """Put events on disk, all or none of them: whether they are there."""
        return self._try(self._commit, batch)

    def sweep(self):
        """Retention, when it is time for it."""
        due = self._swept_s is None or time.monotonic() - self._swept_s > RETENTION_S
        if due or self._n_since > N_UNTIL_RETENTION:
            self._try(self._forget)

    def read(self, work, otherwise, *arguments):
        """What `work(connection, *arguments)` gives; `otherwise` where nothing can be read."""
        with self._reading:
            try:
                return work(self._reader, *arguments) if self._reader else otherwise
            except (sqlite3.Error, ValueError, TypeError) as error:
                self._broken = error if file.is_broken(error) else self._broken
                log.error("%s: cannot be read: %s", self._path, first_line(error))
                return otherwise

    def close(self):
        """Let go of the file; twice is fine."""
        with self._reading:
            writer, reader, self._writer, self._reader = self._writer, self._reader, None, None
            _close(writer)
            _close(reader)

    def _try(self, work, *arguments):
        try:
            self._connect()
            work(*arguments)
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
            return False
        if self.trouble:
            log.warning("%s: events are written again", self._path)
        self.trouble = None
        return True

    def _connect(self):
        if self._broken:
            error, self._broken = self._broken, None
            raise error
        if self._writer:
            return
        existed = os.path.exists(self._path)
        writer, reader, moved = file.open_checked(self._path)
        self.n_moved_aside += moved
        if moved or not existed:
            self._outbox.restart(writer)
        self._outbox.load(writer)
        with self._reading:
            _close(self._reader)
            self._writer, self._reader = writer, reader
        self._ballast.hold()

    def _commit(self, batch):
        with self._transaction() as connection:
            for event in batch:
                self._outbox.write(connection, event, archive.write(connection, event))
            if batch or self._outbox.dirty:
                self._outbox.tidy(connection)
        self.n_bytes = file.size_bytes(self._path)
        self.n_written += len(batch)
        self._n_since += len(batch)

    def _forget(self):
        self._swept_s, self._n_since = time.monotonic(), 0
        with self._transaction() as connection:
            self.n_forgotten += archive.forget(connection, self._max_events, self._wall_ms() - self._max_age_ms)
        self._ballast.hold()

    @contextlib.contextmanager
    def _transaction(self):
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield self._writer
            self._writer.execute("COMMIT")
        except BaseException:
            self._outbox.spoil()
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise

    def _fail(self, error):
        """Remember what is wrong, and do what may help: a fresh file, room, a fresh connection. Reading goes on."""
        if not self.trouble:
            log.error("%s: events cannot be written and wait in memory: %s", self._path, first_line(error))
        self.trouble = first_line(error)
        self.n_failures += 1
        if file.is_broken(error):
            self.close()
            file.move_aside(self._path, error)
            self.n_moved_aside += 1
        elif file.is_full(error):
            self._ballast.drop()
        else:
            writer, self._writer = self._writer, None
            _close(writer)


def _close(connection):
    with contextlib.suppress(sqlite3.Error):
        if connection:
            connection.close()
