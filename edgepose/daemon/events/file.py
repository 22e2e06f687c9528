"""The SQLite file of the event store: opened, checked, brought up to date, moved aside when it is broken."""

import contextlib
import errno
import fcntl
import logging
import os
import sqlite3
import time
from pathlib import Path

from edgepose.daemon.wall import wall_ms
from edgepose.errors import ConfigError, SinkError, first_line

CHECK_S = 1.0  # what the check at the start may take; the rest shows when it is read
BUSY_S = 2.0
_BROKEN = ("malformed", "not a database", "disk image", "unsupported file format")
_FULL = ("disk is full", "disk I/O error", "unable to open database file")  # SQLite has many words for it
_PARTS = ("", "-wal", "-shm")

#: One script for each version of the tables; PRAGMA user_version says how many have been run.
MIGRATIONS = ("""
CREATE TABLE events (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, camera TEXT NOT NULL, state TEXT NOT NULL,
                     unanswered INTEGER NOT NULL, opened_ms INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX events_of_camera ON events (camera, id);
CREATE INDEX events_alive ON events (id) WHERE state = 'open' OR unanswered;
CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX outbox_of_event ON outbox (id);
CREATE TABLE cursors (outlet TEXT PRIMARY KEY, seq INTEGER NOT NULL, given_up INTEGER NOT NULL) WITHOUT ROWID;
""",)

log = logging.getLogger(__name__)


def is_broken(error):
    """Whether an error of SQLite says that the file itself is damaged, and not that there is no room, say."""
    return isinstance(error, sqlite3.DatabaseError) and any(word in str(error) for word in _BROKEN)


def is_full(error):
    """Whether an error says that there is no room."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or any(word in str(error) for word in _FULL)


def open_checked(path):
    """The connection that writes, the one that reads, and whether a broken file was moved aside for a fresh one.

    Raises
    ------
    ConfigError : a newer edgepose has made the file
    sqlite3.Error, OSError : there is no room, say
    """
    try:
        return *_open(path), False
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            raise
        move_aside(path, error)
        return *_open(path), True


def move_aside(path, error):
    """Keep a broken file under another name, with a line that says so."""
    kept = f"{path}.broken-{wall_ms()}"
    for part in _PARTS:
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}{part}", f"{kept}{part}")
    log.error("%s is damaged (%s); kept as %s, a new one is begun", path, first_line(error), kept)


def size_bytes(path):
    """Of the file and its write-ahead log."""
    total = 0
    for part in _PARTS[:2]:
        with contextlib.suppress(OSError):
            total += os.stat(f"{path}{part}").st_size
    return total


def lock(path):
    """The descriptor that keeps a second daemon away from this store, to be closed with it."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SinkError(f"{path}: events cannot be kept there ({error.strerror}); set another directory") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise SinkError(f"{path}: another edgepose daemon uses it; stop that one or set another directory") from error
    return fd


def _open(path):
    with contextlib.ExitStack() as undo:
        writer = _connect(path, undo)
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA synchronous = FULL")
        writer.execute("PRAGMA journal_size_limit = 4194304")
        _check(writer)
        _migrate(writer, path)
        reader = _connect(path, undo)
        reader.execute("PRAGMA query_only = ON")
        undo.pop_all()
        return writer, reader


def _connect(path, undo):
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    undo.callback(connection.close)
    return connection


def _check(connection):
    """Look the file through, as far as that goes in the time it may take."""
    deadline = time.monotonic() + CHECK_S
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        found = "ok"
    finally:
        connection.set_progress_handler(None, 0)
    if found != "ok":
        raise sqlite3.DatabaseError(f"database disk image is malformed: {found}")


def _migrate(connection, path):
    """Bring the tables up to date, each step whole or not at all."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise ConfigError(f"{path}: made by a newer edgepose (its version is {version}, this one knows"
                          f" {len(MIGRATIONS)}); update edgepose or move the file away")
    for step, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {step}; COMMIT;")
