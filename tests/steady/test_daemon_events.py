"""The loop never waits for a disk, and events leave nothing behind."""

import gc
import threading

import pytest

from edgepose.daemon.config.settings import CameraSettings, RuleSettings, Settings
from edgepose.daemon.events import disk as disks
from edgepose.daemon.events.desk import EventDesk
from edgepose.daemon.events.event import Signal
from edgepose.daemon.events.store import EventStore
from tests.outlet_world import make_event

SETTINGS = Settings((CameraSettings("hall", "x", rules=(RuleSettings("fallen", "fall", severity="alarm"),)),))


@pytest.fixture
def store(tmp_path):
    one = EventStore(tmp_path / "events.sqlite")
    one.open(("dead",))
    yield one
    one.close()


def live(desk, n):
    """Let n events open, change and close."""
    for number in range(n):
        for t_s, state in ((0, "begin"), (10, "update"), (20, "end")):
            signal = Signal("fallen", "fall", state, (100 * number + t_s) * 10**9, people=t_s, track_ids=(number,))
            desk.take("hall", [signal], "away", 1)
        desk.tick(1)


def test_desk_when_the_disk_hangs_does_not_wait_for_it(store, monkeypatch):
    hanging, going_on = threading.Event(), threading.Event()
    write = disks.archive.write

    def hang(*arguments):
        hanging.set()
        going_on.wait()
        return write(*arguments)
    monkeypatch.setattr(disks.archive, "write", hang)
    desk = EventDesk(SETTINGS, store.put, store.event)
    live(desk, 1)
    hanging.wait()
    live(desk, 200)
    assert store.health()["n_waiting"] == 603 and not store.flush(0)
    going_on.set()
    assert store.flush(20)


def test_desk_when_somebody_reads_the_disk_does_not_wait_for_that(store):
    reading, going_on = threading.Event(), threading.Event()

    def find(event_id):
        reading.set()
        going_on.wait()
        return make_event(event_id=event_id)
    desk = EventDesk(SETTINGS, store.put, find)
    reader = threading.Thread(target=desk.acknowledge, args=("A" * 26, "anna", 1))
    reader.start()
    reading.wait()
    live(desk, 10)
    going_on.set()
    reader.join()
    assert store.flush(20) and store.event("A" * 26).acknowledged_by == "anna"


def test_desk_when_thousands_of_events_came_and_went_holds_no_more_than_before():
    desk = EventDesk(SETTINGS, lambda event: None)

    def n_objects():
        gc.collect()
        return len(gc.get_objects())
    live(desk, 1000)
    before = n_objects()
    live(desk, 3000)
    assert n_objects() - before < 200


def test_store_when_thousands_of_events_pass_holds_no_more_than_before(store):
    def pass_on(n):
        for _ in range(n):
            store.put(make_event(state="closed"))
        assert store.flush(60)
        gc.collect()
        return len(gc.get_objects())
    before = pass_on(500)
    assert pass_on(3000) - before < 1500  # the last batch is still at hand; 3000 events are 6000 objects or more
