"""Events on disk: the SQL that writes, finds and forgets them."""

from edgepose.daemon.events.text import events_of, text_of

N_AT_ONCE = 500  # events that one round of retention forgets for their age: a clock gone wild costs no history at once

_WRITE = """
INSERT INTO events (id, revision, camera, state, unanswered, opened_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, state = excluded.state,
    unanswered = excluded.unanswered, body = excluded.body
WHERE excluded.revision >= events.revision
"""
# What is open and what an outlet is still owed is not forgotten.
_FREE = "state = 'closed' AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = events.id)"


def write(connection, event):
    """Keep the event's newest revision, and give its text."""
    text = text_of(event)
    connection.execute(_WRITE, (event.id, event.revision, event.camera, event.state, is_unanswered(event),
                                event.opened_ms, text))
    return text


def is_unanswered(event):
    """Whether an event is an alarm that nobody has acknowledged."""
    return event.severity == "alarm" and event.acknowledged_ms is None


def read(connection, limit, before=None, camera=None):
    """Events, newest first, older than the id `before`, of one camera or all."""
    wanted = [("id < ?", before), ("camera = ?", camera)]
    where = " AND ".join(clause for clause, value in wanted if value is not None) or "1"
    values = [value for _, value in wanted if value is not None]
    rows = connection.execute(f"SELECT id, body FROM events WHERE {where} ORDER BY id DESC LIMIT ?", (*values, limit))
    return [event for _, event in events_of(rows)]


def find(connection, event_id):
    """The event of an id, or None."""
    rows = connection.execute("SELECT id, body FROM events WHERE id = ?", (event_id,)).fetchall()
    return next((event for _, event in events_of(rows)), None)


def alive(connection, limit):
    """The newest events that are open or unanswered, oldest first."""
    rows = connection.execute("SELECT id, body FROM events WHERE state = 'open' OR unanswered"
                              " ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
    return [event for _, event in events_of(reversed(rows))]


def last_id(connection):
    """The greatest id, or None."""
    return connection.execute("SELECT max(id) FROM events").fetchone()[0]


def forget(connection, n_kept, older_than_ms):
    """Remove the oldest beyond `n_kept`, and what opened before a time: how many."""
    n = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    too_many = connection.execute(
        f"DELETE FROM events WHERE id IN (SELECT id FROM events WHERE {_FREE} ORDER BY id LIMIT ?)",
        (max(0, n - n_kept),)).rowcount
    too_old = connection.execute(
        f"DELETE FROM events WHERE id IN (SELECT id FROM events WHERE {_FREE} AND opened_ms < ? ORDER BY id LIMIT ?)",
        (older_than_ms, N_AT_ONCE)).rowcount
    return too_many + too_old
