"""Identifiers, the inbox, events as text, and the desk: the life of an event."""

import json
import math
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from edgepose.daemon.config.settings import CameraSettings, ClipSettings, RuleSettings, Settings
from edgepose.daemon.events import desk as desks
from edgepose.daemon.events import life as lives
from edgepose.daemon.events.desk import EventDesk
from edgepose.daemon.events.event import Event, Signal
from edgepose.daemon.events.ids import Ids, is_id, number_of
from edgepose.daemon.events.inbox import N_BATCH, Inbox
from edgepose.daemon.events.text import event_of, text_of

S = 1_000_000_000
WALL = 1_700_000_000_000
SCHEMA = json.loads((Path(desks.__file__).parents[2] / "schemas" / "event-1.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
RULES = (RuleSettings("fallen", "fall", severity="alarm", escalate_s=60.0), RuleSettings("door", "enter"),
         RuleSettings("fence", "line", severity="alarm", clip=False))


class Clock:
    """Monotonic ns that only the test moves."""

    def __init__(self):
        self.now_ns = 5 * S

    def __call__(self):
        return self.now_ns


@pytest.fixture
def put():
    return []


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(put, clock):
    settings = Settings((CameraSettings("hall", "x", rules=RULES),), clips=ClipSettings("skeleton"))
    return EventDesk(settings, put.append, clock=clock)


def signal(state="begin", t_s=0.0, rule="door", key="", **more):
    kind = next((r.kind for r in RULES if r.name == rule), "prompt")
    return Signal(rule, kind, state, int(t_s * S), key, **{"people": 1, "track_ids": (3,), **more})


def event(event_id="0" * 26, revision=1, **more):
    return Event(event_id, revision, "hall", "door", "enter", None, "open", "notice", "away", WALL, WALL, **more)


def test_ids_when_made_sort_by_time_and_are_unique():
    ids = Ids()
    made = [ids.make(WALL + n // 50) for n in range(5000)]
    assert made == sorted(set(made)) and all(map(is_id, made))


def test_ids_when_the_clock_goes_back_still_grow():
    ids = Ids()
    first = ids.make(WALL)
    assert ids.make(0) > first and ids.make(-5) > first


def test_ids_when_they_begin_behind_a_last_one_are_greater():
    last = Ids().make(2 * WALL)
    ids = Ids(last)
    assert number_of(ids.make(WALL)) == number_of(last) + 1


@pytest.mark.parametrize("text", ["", "A" * 25, "I" * 26, "../" + "A" * 23, None, 7, "a" * 26])
def test_is_id_when_it_is_none_says_so(text):
    assert not is_id(text)
    with pytest.raises(ValueError, match="no identifier"):
        number_of(text)


def test_inbox_when_a_batch_comes_back_gives_it_again_first():
    inbox = Inbox()
    inbox.put(event(revision=1))
    inbox.put(event(revision=2))
    assert [e.revision for e in inbox.take(0)] == [1, 2]
    inbox.put(event(revision=3))
    inbox.back()
    assert [e.revision for e in inbox.take(0, most=2)] == [1, 2] and len(inbox) == 3
    inbox.done()
    assert [e.revision for e in inbox.take(0)] == [3] and inbox.newest("0" * 26).revision == 3


def test_inbox_when_too_many_wait_drops_the_oldest_and_counts_what_is_lost():
    inbox = Inbox(n_waiting=3)
    for event_id, revision in (("A" * 26, 1), ("A" * 26, 2), ("B" * 26, 1), ("C" * 26, 1), ("D" * 26, 1)):
        inbox.put(event(event_id, revision))
    assert (len(inbox), inbox.n_superseded, inbox.n_lost) == (3, 1, 1)
    assert [e.id[0] for e in inbox.waiting()] == ["B", "C", "D"]


def test_inbox_when_much_waits_gives_bounded_batches():
    inbox = Inbox()
    for _ in range(N_BATCH + 1):
        inbox.put(event())
    assert len(inbox.take(0)) == N_BATCH


def test_text_when_read_back_is_the_same_event():
    made = event(track_ids=(1, 2), people=2, detail={"ende": "täglich", "n": [1, 2.5, None]})
    assert event_of(text_of(made)) == made


def test_text_when_a_rule_gives_strange_detail_is_valid_json_all_the_same():
    deep = {}
    deep["self"] = deep
    made = event(detail={"x": np.float32(math.nan), "n": np.int64(3), "a": np.zeros(2), "deep": deep, 5: {1}})
    detail = json.loads(text_of(made), parse_constant=pytest.fail)["detail"]
    assert (detail["x"], detail["n"], detail["a"], detail["5"]) == (None, 3, [0.0, 0.0], [1])


def test_schema_when_checked_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_schema_when_a_field_is_missing_or_new_says_no():
    table = json.loads(text_of(event(Ids().make(WALL))))
    VALIDATOR.validate(table)
    for name in table:
        with pytest.raises(jsonschema.ValidationError):
            VALIDATOR.validate({key: value for key, value in table.items() if key != name})
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({**table, "more": 1})


def test_desk_when_a_rule_begins_and_ends_opens_and_closes_an_event(desk, put):
    desk.take("hall", [signal("begin", 1)], "away", WALL)
    desk.take("hall", [signal("end", 3.5)], "away", WALL + 2500)
    opened, closed = put
    assert (opened.state, opened.revision, opened.mode, opened.clip) == ("open", 1, "away", True)
    assert (closed.state, closed.revision, closed.closed_ms) == ("closed", 2, WALL + 2500)
    assert closed.detail["lasted_s"] == 2.5 and opened.id == closed.id and "lasted_s" not in opened.detail
    for made in put:
        VALIDATOR.validate(json.loads(text_of(made)))


def test_desk_when_something_has_no_length_opens_and_closes_in_one_revision(desk, put):
    desk.take("hall", [signal("instant", 1, "fence"), signal("instant", 1, "fence")], "away", WALL)
    assert [(e.state, e.revision, e.clip) for e in put] == [("closed", 1, False)] * 2
    assert put[0].id != put[1].id and desk.health()["n_open"] == 0 and desk.health()["n_unanswered"] == 2


def test_desk_when_keys_differ_keeps_events_apart(desk, put):
    desk.take("hall", [signal(key="3"), signal(key="4")], "away", WALL)
    desk.take("yard", [signal(key="3")], "away", WALL)
    desk.take("hall", [signal("end", 2, key="4")], "away", WALL)
    assert len({e.id for e in put}) == 3 and put[-1].id == put[1].id


def test_desk_when_an_end_comes_without_a_beginning_says_nothing(desk, put):
    desk.take("hall", [signal("end")], "away", WALL)
    assert put == []


def test_desk_when_nothing_changes_sends_no_revision(desk, put):
    desk.take("hall", [signal()], "away", WALL)
    for t_s in range(1, 2000):
        desk.take("hall", [signal("update", t_s)], "away", WALL)
    assert len(put) == 1


def test_desk_when_little_changes_all_the_time_sends_ever_fewer_revisions(desk, put):
    desk.take("hall", [signal()], "away", WALL)
    for tenth in range(1, 36_000):
        desk.take("hall", [signal("update", tenth / 10, detail={"for_s": tenth / 10})], "away", WALL)
    assert 15 < len(put) < 60
    assert put[-1].revision == len(put)


def test_desk_when_more_people_come_sends_that_soon_and_not_more_than_once_a_second(desk, put):
    desk.take("hall", [signal()], "away", WALL)
    for tenth, people in ((2, 2), (4, 3), (12, 3), (14, 3)):
        desk.take("hall", [signal("update", tenth / 10, people=people)], "away", WALL)
    assert [(e.revision, e.people) for e in put] == [(1, 1), (2, 3)]


def test_desk_when_tracks_come_and_go_names_a_bounded_number(desk, put):
    desk.take("hall", [signal()], "away", WALL)
    for t_s in range(1, 500):
        desk.take("hall", [signal("update", t_s, track_ids=(t_s + 10,))], "away", WALL)
    assert len(put[-1].track_ids) == lives.N_TRACKS


def test_desk_when_nobody_acknowledges_escalates_again_and_again_up_to_a_number(desk, put, clock):
    desk.take("hall", [signal(rule="fallen")], "away", WALL)
    for _ in range(2 * lives.N_ESCALATIONS):
        clock.now_ns += 61 * S
        desk.tick(WALL)
        desk.tick(WALL)
    assert [e.escalations for e in put] == list(range(lives.N_ESCALATIONS + 1))


def test_desk_when_an_alarm_closed_unseen_escalates_it_all_the_same(desk, put, clock):
    desk.take("hall", [signal(rule="fallen")], "away", WALL)
    desk.take("hall", [signal("end", 2, rule="fallen")], "away", WALL)
    clock.now_ns += 61 * S
    desk.tick(WALL)
    assert (put[-1].state, put[-1].escalations) == ("closed", 1)


def test_desk_when_the_wall_clock_jumps_escalates_no_sooner(desk, put, clock):
    desk.take("hall", [signal(rule="fallen")], "away", WALL)
    clock.now_ns += 30 * S
    desk.tick(WALL + 10**12)
    assert len(put) == 1


def test_desk_when_acknowledged_stops_escalating_and_the_first_one_counts(desk, put, clock):
    desk.take("hall", [signal(rule="fallen")], "away", WALL)
    first = desk.acknowledge(put[0].id, "anna", WALL + 5)
    again = desk.acknowledge(put[0].id, "bert", WALL + 9)
    clock.now_ns += 600 * S
    desk.tick(WALL)
    assert (first.acknowledged_by, first.acknowledged_ms, first.revision) == ("anna", WALL + 5, 2)
    assert again == first and len(put) == 2


def test_desk_when_a_notice_does_not_need_it_can_be_acknowledged_too(desk, put):
    desk.take("hall", [signal()], "away", WALL)
    desk.take("hall", [signal("end", 2)], "away", WALL)
    assert desk.acknowledge(put[0].id, "x" * 500, WALL).acknowledged_by == "x" * lives.N_BY


def test_desk_when_an_old_event_is_acknowledged_finds_it_in_the_store(put):
    old = Event("A" * 26, 7, "hall", "fallen", "fall", None, "closed", "alarm", "away", WALL, WALL, WALL)
    desk = EventDesk(Settings(()), put.append, {old.id: old}.get)
    assert desk.acknowledge("B" * 26, "anna", WALL) is None
    assert desk.acknowledge(old.id, "anna", WALL).revision == 8
    assert desk.acknowledge(old.id, "bert", WALL).acknowledged_by == "anna" and len(put) == 1


def test_desk_when_restored_closes_what_was_open_and_reminds_of_alarms(desk, put, clock):
    last = Ids().make(2 * WALL)
    events = [event("A" * 26, 4), Event("B" * 26, 2, "hall", "fallen", "fall", None, "closed", "alarm", "away",
                                        WALL, WALL, WALL, escalations=lives.N_ESCALATIONS - 1)]
    desk.restore(events, last, WALL + 7)
    closed, = put
    assert (closed.id[0], closed.state, closed.revision, closed.closed_ms) == ("A", "closed", 5, WALL + 7)
    assert closed.detail["ended"] == "restart"
    clock.now_ns += 61 * S
    desk.tick(WALL)
    assert (put[-1].id[0], put[-1].escalations) == ("B", lives.N_ESCALATIONS)
    desk.take("hall", [signal()], "away", WALL)
    assert put[-1].id > last


def test_desk_when_a_rule_goes_closes_its_events_and_no_others(desk, put):
    desk.take("hall", [signal(), signal(rule="fallen")], "away", WALL)
    desk.take("yard", [signal()], "away", WALL)
    desk.end(WALL, "reload", "hall", ("fallen",))
    assert [(e.camera, e.rule, e.detail["ended"]) for e in put[3:]] == [("hall", "door", "reload")]
    desk.end(WALL, "stop")
    assert len(put) == 6 and desk.health()["n_open"] == 0


def test_desk_when_too_many_are_open_closes_the_oldest(desk, put, monkeypatch):
    monkeypatch.setattr(desks, "N_OPEN", 5)
    for n in range(8):
        desk.take("hall", [signal(key=str(n))], "away", WALL)
    ended = [e for e in put if e.detail.get("ended") == "crowded-out"]
    assert len(ended) == 3 == desk.health()["n_crowded_out"] and desk.health()["n_open"] == 5


def test_desk_when_an_event_changes_leaves_what_was_put_alone(desk, put):
    desk.take("hall", [signal(detail={"a": 1})], "away", WALL)
    desk.take("hall", [signal("update", 9, detail={"a": 2})], "away", WALL)
    assert [e.detail["a"] for e in put] == [1, 2] and desk.health()["n_opened"] == [["hall", "door", "enter", 1]]


def test_desk_when_a_clip_could_not_be_kept_says_so(desk, put):
    desk.take("hall", [signal()], "away", WALL)
    desk.set_clip(put[0].id, True)
    desk.set_clip(put[0].id, False)
    desk.set_clip("Z" * 26, False)
    assert [(e.revision, e.clip) for e in put] == [(1, True), (2, False)]


def test_desk_when_asked_what_is_held_names_what_is_open_or_unanswered(desk, put):
    desk.take("hall", [signal(), signal(rule="fallen"), signal("instant", rule="fence")], "away", WALL)
    door, fallen, fence = (e.id for e in put)
    assert desk.held() == {door, fallen, fence}
    desk.end(WALL, "stop")
    assert desk.held() == {fallen, fence}
    desk.acknowledge(fence, "anna", WALL)
    assert desk.held() == {fallen}
