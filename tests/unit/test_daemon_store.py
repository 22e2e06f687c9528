"""The event store: on disk before announced, owed to outlets, kept within bounds, never in the way."""

import json
import os
import shutil
import sqlite3
import threading

import pytest

from edgepose.daemon.events import disk as disks
from edgepose.daemon.events import file, store
from edgepose.daemon.events.event import Event
from edgepose.daemon.events.ids import Ids
from edgepose.daemon.events.store import EventStore
from edgepose.errors import ConfigError, SinkError

WALL = 1_700_000_000_000


class Listener:
    """Remembers what it heard, and what a second connection to the file saw at that moment."""

    def __init__(self, path=None):
        self.heard, self.on_disk, self._path = [], [], path

    def announce(self, event):
        self.heard.append((event.id, event.revision))
        if self._path:
            with sqlite3.connect(self._path) as other:
                self.on_disk.append(other.execute("SELECT revision FROM events WHERE id = ?", (event.id,)).fetchone())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept" / "events.sqlite"


@pytest.fixture
def opened(path):
    """Opens stores of the path, and closes them."""
    stores = []

    def open_store(*outlets, **options):
        stores.append(EventStore(path, **{"wall_ms": lambda: WALL, **options}))
        stores[-1].open(outlets)
        return stores[-1]
    yield open_store
    for one in stores:
        one.close()


def event(n=0, revision=1, **more):
    values = {"state": "open", "severity": "notice", "camera": "hall", "opened_ms": WALL + n, **more}
    if values["state"] == "closed":
        values.setdefault("closed_ms", WALL)
    return Event(f"{n:026d}", revision, rule="door", kind="enter", zone=None, mode="away", updated_ms=WALL, **values)


def put_all(store, *events):
    for one in events:
        store.put(one)
    assert store.flush(10)


def numbers(entries):
    return [(int(one.id), one.revision) for _, one in entries]


def test_store_when_it_announces_has_the_event_on_disk(opened, path):
    kept, listener = opened(), Listener(path)
    kept.attach(listener)
    put_all(kept, event(1), event(1, 2), event(2))
    assert [revision for _, revision in listener.heard] == [1, 2, 1]
    assert [row[0] for row in listener.on_disk] in ([1, 2, 1], [2, 2, 1])  # both may be of one commit


def test_store_when_opened_again_has_what_it_had(opened):
    first = opened()
    put_all(first, event(1), event(2, detail={"a": 1}), event(1, 2, state="closed"))
    first.close()
    second = opened()
    assert second.events() == [event(2, detail={"a": 1}), event(1, 2, state="closed")]
    assert second.event("9" * 26) is None and int(second.last_id()) == 2


def test_store_when_asked_for_pages_gives_them_newest_first(opened):
    kept = opened()
    put_all(kept, *(event(n, camera="hall" if n % 2 else "yard") for n in range(10)))
    first = kept.events(3)
    assert [int(e.id) for e in first] == [9, 8, 7]
    assert [int(e.id) for e in kept.events(3, before=first[-1].id)] == [6, 5, 4]
    assert [int(e.id) for e in kept.events(2, camera="hall")] == [9, 7]
    assert [int(e.id) for e in kept.events(50, before=f"{4:026d}", camera="yard")] == [2, 0]


def test_store_when_an_older_revision_comes_late_keeps_the_newer(opened):
    kept = opened()
    put_all(kept, event(1, 3), event(1, 2))
    assert kept.event(f"{1:026d}").revision == 3


def test_store_when_a_listener_fails_tells_the_others(opened):
    kept, listener = opened(), Listener()
    kept.attach(object())
    kept.attach(listener)
    put_all(kept, event(1))
    kept.detach(listener)
    put_all(kept, event(2))
    assert len(listener.heard) == 1


def test_store_when_an_outlet_is_behind_owes_it_all_in_order_over_a_restart(opened):
    first = opened("mqtt", "hook")
    put_all(first, event(1), event(2), event(1, 2), event(3))
    first.delivered("mqtt", first.pending("mqtt", 2)[-1][0])
    first.close()
    second = opened("mqtt", "hook")
    assert numbers(second.pending("mqtt")) == [(1, 2), (3, 1)]
    assert numbers(second.pending("hook")) == [(1, 1), (2, 1), (1, 2), (3, 1)]
    seq = second.pending("hook", 1)[0][0]
    assert numbers(second.pending("hook", 2, after=seq)) == [(2, 1), (1, 2)]
    assert second.health()["outlets"]["mqtt"] == {"backlog": 2, "n_given_up": 0}


def test_store_when_all_have_had_a_revision_lets_it_go(opened, path):
    kept = opened("mqtt", "hook")
    put_all(kept, event(1), event(2))
    seq = kept.pending("mqtt")[0][0]
    for name in ("mqtt", "hook"):
        kept.delivered(name, seq)
    kept.close()
    with sqlite3.connect(path) as other:
        assert [row[0] for row in other.execute("SELECT seq FROM outbox")] == [seq + 1]


def test_store_when_an_outlet_is_new_owes_it_what_comes_and_forgets_one_that_went(opened):
    kept = opened("mqtt")
    put_all(kept, event(1))
    kept.owe(("hook",))
    put_all(kept, event(2))
    assert numbers(kept.pending("hook")) == [(2, 1)]
    kept.delivered("mqtt", 10**9)
    assert kept.health()["outlets"] == {"hook": {"backlog": 1, "n_given_up": 0}}
    kept.close()
    assert numbers(opened("hook").pending("hook")) == [(2, 1)]


def test_store_when_an_outlet_is_dead_for_too_long_gives_up_the_oldest_and_counts_them(opened):
    kept = opened("mqtt", n_owed=5)
    for n in range(12):
        put_all(kept, event(n))
    assert kept.health()["outlets"]["mqtt"] == {"backlog": 5, "n_given_up": 7}
    assert [n for n, _ in numbers(kept.pending("mqtt"))] == [7, 8, 9, 10, 11]
    kept.close()
    assert opened("mqtt").health()["outlets"]["mqtt"]["n_given_up"] == 7


def test_store_when_there_are_too_many_forgets_the_oldest_but_none_that_is_open_or_owed(opened):
    first = opened("mqtt", max_events=3)
    put_all(first, *(event(n, state="closed" if n else "open") for n in range(6)))
    first.close()
    second = opened("mqtt", max_events=3)
    put_all(second, event(6, state="closed"))
    assert len(second.events()) == 7  # all but one are owed, that one is open
    second.delivered("mqtt", second.pending("mqtt")[-1][0])
    put_all(second, event(7, state="closed"))
    second.close()
    third = opened("mqtt", max_events=3)
    third.close()
    assert [int(e.id) for e in opened("mqtt", max_events=3).events()] == [7, 6, 0]


def test_store_when_events_are_too_old_forgets_them(opened):
    kept = opened(max_age_s=1000.0)
    put_all(kept, event(1, state="closed"), event(2, state="closed", opened_ms=WALL - 1_000_001))
    kept.close()
    opened(max_age_s=1000.0).close()
    assert [int(e.id) for e in opened(max_age_s=1000.0).events()] == [1]


def test_store_when_asked_what_is_alive_gives_open_events_and_unanswered_alarms(opened):
    kept = opened()
    put_all(kept, event(1), event(2, state="closed"), event(3, state="closed", severity="alarm"),
            event(4, state="closed", severity="alarm", acknowledged_ms=WALL), event(5, 2, severity="alarm"))
    assert [int(e.id) for e in kept.alive()] == [1, 3, 5]


@pytest.mark.parametrize("where", [0, 20, 5000, 9000])
def test_store_when_its_file_is_damaged_keeps_it_aside_and_begins_a_fresh_one(opened, path, caplog, where):
    first = opened("mqtt")
    put_all(first, *(event(n, detail={"text": "x" * 200}) for n in range(60)))
    first.close()
    with open(path, "r+b") as damaged:
        damaged.seek(where)
        damaged.write(os.urandom(4000))
    second = opened("mqtt")
    put_all(second, event(99))
    assert [int(e.id) for e in second.events()] == [99] and numbers(second.pending("mqtt")) == [(99, 1)]
    aside, = path.parent.glob("events.sqlite.broken-*[0-9]")
    assert aside.stat().st_size > 4000 and "is damaged" in caplog.text and str(aside) in caplog.text
    assert second.health()["n_moved_aside"] == 1


def test_store_when_its_file_breaks_under_way_loses_nothing_that_comes(opened, path, monkeypatch):
    monkeypatch.setattr(store, "RETRY_S", 0.01)
    kept, listener = opened("mqtt"), Listener()
    kept.attach(listener)
    put_all(kept, event(1))
    seq = kept.pending("mqtt")[0][0]
    monkeypatch.setattr(disks.archive, "write", raise_once(disks.archive.write, "database disk image is malformed"))
    put_all(kept, event(2), event(3))
    assert [int(event_id) for event_id, _ in listener.heard] == [1, 2, 3]
    assert [int(e.id) for e in kept.events()] == [3, 2] and kept.health()["n_moved_aside"] == 1
    assert numbers(kept.pending("mqtt", after=seq)) == [(2, 1), (3, 1)]  # numbers go on where they were


def test_store_when_a_row_cannot_be_read_passes_it_over(opened, path):
    kept = opened("mqtt")
    put_all(kept, event(1), event(2))
    with sqlite3.connect(path) as other:
        other.execute("UPDATE outbox SET body = '{' WHERE id LIKE '%1'")
        other.execute("UPDATE events SET body = '[]' WHERE id LIKE '%1'")
    assert numbers(kept.pending("mqtt")) == [(2, 1)] and [int(e.id) for e in kept.events()] == [2]
    assert kept.event(f"{1:026d}") is None


def test_store_when_the_disk_is_full_keeps_events_and_writes_them_when_there_is_room(opened, monkeypatch):
    monkeypatch.setattr(store, "RETRY_S", 0.01)
    kept, listener = opened("mqtt"), Listener()
    kept.attach(listener)
    full = threading.Event()
    full.set()
    write = disks.archive.write

    def write_if_there_is_room(*arguments):
        if full.is_set():
            raise sqlite3.OperationalError("database or disk is full")
        return write(*arguments)
    monkeypatch.setattr(disks.archive, "write", write_if_there_is_room)
    kept.put(event(1))
    kept.put(event(1, 2))
    assert not kept.flush(0.1) and listener.heard == [] and numbers(kept.pending("mqtt")) == []
    health = kept.health()
    assert (health["state"], health["n_waiting"], health["error"]) == ("failing", 2, "database or disk is full")
    assert [e.revision for e in kept.events()] == [2] and kept.event(f"{1:026d}").revision == 2
    full.clear()
    assert kept.flush(10)
    assert [revision for _, revision in listener.heard] == [1, 2] and kept.health()["state"] == "writing"
    assert numbers(kept.pending("mqtt")) == [(1, 1), (1, 2)]


def test_store_when_the_disk_is_full_throws_its_ballast_away(opened, path, monkeypatch):
    monkeypatch.setattr(store, "RETRY_S", 0.01)
    ballast = path.parent / "events.sqlite.ballast"
    kept = opened()
    assert ballast.stat().st_blocks * 512 >= 1 << 20
    monkeypatch.setattr(disks.archive, "write", raise_once(disks.archive.write, "database or disk is full"))
    monkeypatch.setattr(disks.Ballast, "hold", lambda self: None)
    put_all(kept, event(1))
    assert not ballast.exists()


def test_store_when_a_newer_edgepose_made_its_file_refuses_it(opened, path):
    opened().close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(ConfigError, match=r"newer edgepose \(its version is 99"):
        EventStore(path).open()
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {len(file.MIGRATIONS)}")
    opened()  # the lock was let go of


def test_store_when_tables_are_of_an_older_version_brings_them_up_to_date(opened, path, monkeypatch):
    first = opened()
    put_all(first, event(1))
    first.close()
    monkeypatch.setattr(file, "MIGRATIONS", (*file.MIGRATIONS, "ALTER TABLE events ADD COLUMN more TEXT DEFAULT 'x';"))
    assert int(opened().events()[0].id) == 1
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT more FROM events").fetchall() == [("x",)]
        assert other.execute("PRAGMA user_version").fetchone() == (len(file.MIGRATIONS),)


def test_store_when_a_second_daemon_has_it_refuses(opened, path):
    opened()
    with pytest.raises(SinkError, match="another edgepose daemon uses it"):
        EventStore(path).open()


def test_store_when_its_directory_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="set another directory"):
        EventStore(tmp_path / "file" / "events.sqlite").open()


def test_store_when_closed_twice_leaves_no_thread(opened):
    before = threading.active_count()
    kept = opened()
    assert threading.active_count() == before + 1
    kept.close()
    kept.close()
    assert threading.active_count() == before and "events.sqlite" in repr(kept)


def test_store_when_it_cannot_open_its_file_tries_again_and_loses_nothing(opened, path, monkeypatch):
    monkeypatch.setattr(store, "RETRY_S", 0.01)
    monkeypatch.setattr(disks.file, "open_checked", raise_once(file.open_checked, "unable to open database file"))
    kept = opened("mqtt")
    put_all(kept, event(1))
    assert numbers(kept.pending("mqtt")) == [(1, 1)]


def test_store_when_it_stops_with_the_disk_full_does_not_hang(opened, monkeypatch):
    monkeypatch.setattr(store, "CLOSE_S", 0.05)
    kept = opened()
    monkeypatch.setattr(disks.archive, "write", raise_always("database or disk is full"))
    kept.put(event(1))
    kept.close()
    assert len(kept._inbox) == 1


def test_store_when_copied_while_it_runs_is_a_whole_database(opened, path, tmp_path):
    kept = opened()
    put_all(kept, event(Ids().make(WALL) and 7))
    for part in ("", "-wal"):
        shutil.copy(f"{path}{part}", tmp_path / f"copy{part}")
    with sqlite3.connect(tmp_path / "copy") as copy:
        assert json.loads(copy.execute("SELECT body FROM events").fetchone()[0])["id"] == f"{7:026d}"
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def raise_once(work, text):
    """The same work, but the first call fails."""
    errors = [sqlite3.DatabaseError(text)]

    def try_once(*arguments):
        if errors:
            raise errors.pop()
        return work(*arguments)
    return try_once


def raise_always(text):
    def fail(*arguments):
        raise sqlite3.OperationalError(text)
    return fail
