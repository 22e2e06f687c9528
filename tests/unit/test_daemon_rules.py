"""Every kind of rule with people who walk, stay and leave; what trembles does not flap, and every begin has one end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose.daemon.config.settings import KINDS, CameraSettings, RuleSettings, ZoneSettings
from edgepose.daemon.rules.bodies import GRACE_NS
from edgepose.daemon.rules.book import RuleBook
from edgepose.errors import ConfigError
from edgepose.skeleton import COCO17
from tests.rules_world import BOX, LEGS, TALL, WIDTH, Stage, seated, standing, states, toppled, turned

OUT_X, IN_X = 80.0, 320.0
DOOR = {"door": ((0.5, 0.2), (0.5, 0.98))}  # from top to bottom: "in" is to the left


def walk(start, end, seconds, **more):
    """Somebody who walks from one x to another."""
    return lambda t_s: {1: standing(start + (end - start) * t_s / seconds, **more)}


# ---- enter, leave

def test_enter_when_somebody_walks_in_and_out_then_it_begins_and_ends():
    stage = Stage(kind="enter")
    assert not stage.seconds(1, {1: standing(OUT_X)})
    assert states(stage.seconds(2, walk(OUT_X, IN_X, 2))) == ["begin 1"]
    assert not stage.seconds(1, {1: standing(IN_X)})
    assert states(stage.seconds(2, walk(IN_X, OUT_X, 2))) == ["end 1"]
    begin, end = stage.said
    assert (begin.zone, begin.track_ids, begin.people, end.detail) == ("box", (1,), 1, {"ended": "left"})


def test_enter_when_somebody_must_stay_then_not_before():
    stage = Stage(kind="enter", for_s=2.0)
    assert not stage.seconds(1.9, {1: standing()}) and states(stage.seconds(0.4, {1: standing()})) == ["begin 1"]


def test_enter_when_two_come_then_an_event_each():
    stage = Stage(kind="enter")
    assert states(stage.seconds(1, {1: standing(250), 7: standing(400)})) == ["begin 1", "begin 7"]


def test_enter_when_only_the_head_leans_in_then_ankles_do_not():
    above = {"box": ((0.25, 0.0), (0.75, 0.0), (0.75, 0.7), (0.25, 0.7))}  # ends at 336 px; the feet are at 400
    assert not Stage(kind="enter", zones=above).seconds(1, {1: standing()})
    assert states(Stage(kind="enter", keypoints=("head",), zones=above).seconds(1, {1: standing()})) == ["begin 1"]


def test_enter_when_the_ankles_are_hidden_then_they_are_put_below_the_hips_of_who_has_stood():
    stage = Stage(kind="enter")
    stage.seconds(1, {1: standing(OUT_X)})
    assert states(stage.seconds(2, walk(OUT_X, IN_X, 2), hidden=LEGS)) == ["begin 1"]


def test_enter_when_nobody_knows_where_the_ankles_are_then_nothing_is_said():
    assert not Stage(kind="enter").seconds(2, {1: standing()}, hidden=LEGS)


def test_enter_when_in_two_conditions_then_both_must_hold():
    stage = Stage(kind="enter", keypoints=("ankles in", "head not seen"))
    assert not stage.seconds(1, {1: standing()})
    assert states(stage.seconds(1, {1: standing()}, hidden=range(5))) == ["begin 1"]


def test_enter_when_the_place_is_also_in_a_zone_outside_then_it_does_not_count():
    zones = {"box": BOX, "path": ((0.4, 0.7), (0.6, 0.7), (0.6, 0.95), (0.4, 0.95))}
    stage = Stage(kind="enter", outside=("path",), zones=zones)
    assert not stage.seconds(1, {1: standing(320)}) and states(stage.seconds(1, {1: standing(200)})) == ["begin 1"]


def test_enter_when_a_keypoint_trembles_at_the_edge_then_it_does_not_flap(rng):
    stage = Stage(kind="enter", fps=30)
    stage.seconds(20, lambda _: {1: standing(160) + rng.normal(0, 0.02 * TALL / 3, (17, 2))})
    assert len(stage.said) <= 1


def test_enter_when_one_frame_is_wrong_then_nothing_is_said():
    stage = Stage(kind="enter")
    stage.seconds(1, {1: standing(OUT_X)})
    assert not stage.step({1: standing(IN_X)}) + stage.seconds(1, {1: standing(OUT_X)})


def test_enter_when_a_track_vanishes_then_it_ends_after_the_grace_time():
    stage = Stage(kind="enter")
    stage.seconds(1, {1: standing()})
    assert not stage.seconds(GRACE_NS / 1e9)
    assert states(stage.seconds(0.3)) == ["end 1"] and stage.said[-1].detail == {"ended": "gone"}


def test_enter_when_the_tracker_gives_a_new_id_in_the_same_place_then_it_is_the_same_event():
    stage = Stage(kind="enter")
    stage.seconds(1, {1: standing()})
    stage.seconds(1)
    assert not stage.seconds(4, {9: standing(330)}) and not stage.seconds(2)
    assert states(stage.seconds(1)) == ["end 1"]


def test_enter_when_somebody_new_stands_beside_then_they_do_not_take_over():
    stage = Stage(kind="enter")
    stage.seconds(1, {1: standing(300)})
    stage.seconds(1, {9: standing(320), 1: standing(300)})
    assert states(stage.said) == ["begin 1", "begin 9"]


def test_leave_when_somebody_walks_out_then_it_is_said_once():
    stage = Stage(kind="leave")
    stage.seconds(1, {1: standing(IN_X)})
    stage.seconds(2, walk(IN_X, OUT_X, 2))
    stage.seconds(1, {1: standing(OUT_X)})
    assert states(stage.said) == ["instant 1"]


def test_leave_when_somebody_vanishes_inside_then_nobody_has_left():
    stage = Stage(kind="leave")
    assert not stage.seconds(1, {1: standing()}) + stage.seconds(5)


def test_leave_when_somebody_goes_through_the_pictures_edge_then_they_have():
    stage = Stage(RuleSettings("rule", "leave"))
    assert not stage.seconds(3, walk(400, WIDTH - 10, 3))
    assert states(stage.seconds(3)) == ["instant 1"] and "edge" in stage.said[0].detail["through"]


# ---- line

@pytest.mark.parametrize("direction, start, end, said", [
    (None, 200, 440, "out"), (None, 440, 200, "in"), ("in", 200, 440, None), ("in", 440, 200, "in"),
    ("out", 200, 440, "out")])
def test_line_when_somebody_crosses_then_the_direction_is_said(direction, start, end, said):
    stage = Stage(RuleSettings("rule", "line", ("door",), direction=direction), zones=DOOR)
    signals = stage.seconds(3, walk(start, end, 3))
    assert [signal.detail["direction"] for signal in signals] == ([said] if said else [])


def test_line_when_somebody_trembles_on_it_then_nothing_is_said(rng):
    stage = Stage(RuleSettings("rule", "line", ("door",)), zones=DOOR)
    assert not stage.seconds(20, lambda _: {1: standing(320) + rng.normal(0, 3, (17, 2))})


def test_line_when_somebody_goes_around_its_end_then_it_is_not_crossed():
    stage = Stage(RuleSettings("rule", "line", ("door",)), zones={"door": ((0.5, 0.1), (0.5, 0.3))})
    assert not stage.seconds(3, walk(200, 440, 3))


def test_hips_below_when_somebody_sinks_below_the_line_then_it_begins():
    water = {"water": ((0.0, 0.7), (1.0, 0.7))}  # 336 px
    stage = Stage(RuleSettings("rule", "enter", ("water",), keypoints=("hips below",)), zones=water)
    assert not stage.seconds(1, {1: standing(feet_y=400)})
    assert states(stage.seconds(1, {1: standing(feet_y=470)})) == ["begin 1"]


# ---- loiter, count

def test_loiter_when_somebody_stays_with_a_short_break_then_it_begins_on_time():
    stage = Stage(kind="loiter", for_s=5.0)
    stage.seconds(3, {1: standing()})
    stage.seconds(1, {1: standing(OUT_X)})
    assert not stage.seconds(0.8, {1: standing()}) and states(stage.seconds(1, {1: standing()})) == ["begin 1"]
    assert not stage.seconds(1, {1: standing(OUT_X)}) and states(stage.seconds(2, {1: standing(OUT_X)})) == ["end 1"]


def test_loiter_when_somebody_passes_then_nothing_is_said():
    assert not Stage(kind="loiter", for_s=5.0).seconds(4, walk(OUT_X, 560, 4))


def test_count_when_there_are_too_many_then_it_begins_updates_and_ends():
    stage = Stage(kind="count", people=(2, None), for_s=1.0)
    three = {1: standing(200), 2: standing(300), 3: standing(420)}
    two = {1: standing(200), 2: standing(300)}
    assert not stage.seconds(2, {1: standing(200)})
    assert [(s.state, s.people) for s in stage.seconds(2, two)] == [("begin", 2)]
    assert [(s.state, s.people, s.track_ids) for s in stage.seconds(1, three)] == [("update", 3, (1, 2, 3))]
    stage.said.clear()
    stage.seconds(6)
    assert states(stage.said)[-1] == "end" and stage.said[-1].people < 2


def test_count_when_nobody_is_to_be_there_then_it_begins_with_an_empty_zone():
    stage = Stage(kind="count", people=(0, 0), for_s=1.0)
    assert states(stage.seconds(2)) == ["begin"] and states(stage.seconds(2, {1: standing()})) == ["end"]


# ---- missing, alone, blind

def test_missing_when_somebody_goes_under_and_comes_up_then_it_begins_and_ends():
    stage = Stage(kind="missing", for_s=10.0)
    stage.seconds(2, {1: standing()})
    assert not stage.seconds(9.5) and states(stage.seconds(1)) == ["begin 1"]
    assert states(stage.seconds(1, {5: standing(420)})) == ["end 1"]  # whoever comes up has another id by then
    assert stage.said[-1].detail == {"ended": "seen again", "as_track": 5}


def test_missing_when_it_is_short_then_the_row_is_still_there():
    stage = Stage(kind="missing", for_s=1.5)
    stage.seconds(2, {1: standing()})
    assert states(stage.seconds(2)) == ["begin 1"] and states(stage.seconds(1, {1: standing()})) == ["end 1"]


def test_missing_when_somebody_leaves_the_zone_then_nobody_is():
    stage = Stage(kind="missing", for_s=2.0)
    stage.seconds(2, walk(IN_X, OUT_X, 2))
    assert not stage.seconds(1, {1: standing(OUT_X)}) + stage.seconds(20)


def test_missing_when_somebody_leaves_through_the_pictures_edge_then_nobody_is():
    stage = Stage(RuleSettings("rule", "missing", for_s=2.0))
    assert not stage.seconds(3, walk(400, WIDTH - 10, 3)) + stage.seconds(20)


def test_missing_when_only_the_head_is_not_seen_then_it_begins():
    stage = Stage(kind="missing", keypoints=("hips in", "head not seen"), for_s=3.0)
    stage.seconds(2, {1: standing()})
    assert not stage.seconds(2.5, {1: standing()}, hidden=range(5))
    assert states(stage.seconds(1, {1: standing()}, hidden=range(5))) == ["begin 1"]
    assert states(stage.step({1: standing()})) == ["end 1"]


def test_missing_when_nobody_comes_back_then_it_is_given_up():
    stage = Stage(kind="missing", for_s=2.0, fps=2)
    stage.seconds(3, {1: standing()})
    stage.seconds(610)
    assert states(stage.said) == ["begin 1", "end 1"] and stage.said[-1].detail == {"ended": "given up"}


POOL = {"pool": (((0.05, 0.3), (0.95, 0.3), (0.95, 0.98), (0.05, 0.98)), 0.55, 0.2)}


def test_alone_when_a_child_is_there_without_an_adult_then_it_begins_and_ends():
    stage = Stage(RuleSettings("rule", "alone", ("pool",), for_s=2.0), zones=POOL)
    child, adult = standing(200, tall=120), standing(420, tall=215)
    assert not stage.seconds(3, {1: child, 2: adult})
    assert states(stage.seconds(6, {1: child})) == ["begin"]
    assert states(stage.seconds(3, {1: child, 3: adult})) == ["end"]


def test_alone_when_an_adult_is_alone_then_nothing_is_said():
    stage = Stage(RuleSettings("rule", "alone", ("pool",)), zones=POOL)
    assert not stage.seconds(5, {2: standing(420, tall=215)})
    assert stage.book.n_adults == 1


def test_alone_when_an_adult_sits_then_they_are_no_child():
    stage = Stage(RuleSettings("rule", "alone", ("pool",)), zones=POOL)
    stage.seconds(3, {2: standing(320, tall=215)})
    assert not stage.seconds(5, {2: seated(1, 320, tall=215)})


def test_blind_when_the_camera_is_covered_then_it_begins_updates_and_ends():
    stage = Stage(RuleSettings("rule", "blind", for_s=3.0))
    stage.blind = "dark"
    assert not stage.seconds(2.9) and states(stage.seconds(0.5)) == ["begin"]
    stage.blind = "covered"
    assert states(stage.seconds(1)) == ["update"] and stage.said[-1].detail == {"cause": "covered"}
    stage.blind = None
    assert not stage.seconds(0.9) and states(stage.seconds(0.5)) == ["end"]


# ---- what ends nothing, and what ends all

def test_rules_when_the_camera_is_blind_then_nobody_is_gone_or_missing():
    stage = Stage(RuleSettings("in", "enter", ("box",)), RuleSettings("lost", "missing", ("box",), for_s=2.0))
    stage.seconds(2, {1: standing()})
    stage.blind = "dark"
    assert not stage.seconds(60)
    stage.blind = None
    assert not stage.seconds(1, {1: standing()})


def test_rules_when_no_frame_comes_then_nobody_has_left_and_time_stands_still():
    stage = Stage(kind="enter")
    stage.seconds(1, {1: standing()})
    for _ in range(100):
        stage.poses.t_ns += 1_000_000_000
        assert not stage.book.tick(stage.poses.t_ns, "away")
    assert not stage.seconds(1, {1: standing()})


def test_rules_when_time_goes_back_then_nothing_ends():
    stage = Stage(kind="enter")
    stage.seconds(3, {1: standing()})
    stage.poses.t_ns = 0
    assert not stage.seconds(3, {1: standing()})


@pytest.mark.parametrize("by_tick", [False, True])
def test_rules_when_the_mode_is_another_then_what_is_open_ends_and_begins_anew(by_tick):
    stage = Stage(kind="enter", modes=("away",))
    stage.seconds(1, {1: standing()})
    stage.mode = "off"
    said = stage.book.tick(stage.poses.t_ns, "off") if by_tick else stage.step({1: standing()})
    assert states(said) == ["end 1"] and said[0].detail == {"ended": "mode"}
    assert not stage.seconds(3, {1: standing()})
    stage.mode = "away"
    assert states(stage.seconds(1, {1: standing()})) == ["begin 1"]


def test_rules_when_the_hours_are_over_then_what_is_open_ends():
    clock = [22 * 60]
    stage = Stage(kind="enter", hours=(("22:00", "06:00"),), minute=lambda: clock[0])
    assert states(stage.seconds(1, {1: standing()})) == ["begin 1"]
    clock[0] = 6 * 60
    assert states(stage.step({1: standing()})) == ["end 1"] and stage.said[-1].detail == {"ended": "hours"}


def test_rules_when_the_picture_has_another_size_then_zones_are_placed_anew():
    stage = Stage(kind="enter")
    stage.seconds(1, {1: standing(320)})
    stage.poses.width, stage.poses.height = 1920, 1440
    assert "end 1" in states(stage.seconds(1, {1: standing(320)}))
    assert states(stage.seconds(1, {2: standing(960, feet_y=1200, tall=600)})) == ["begin 2"]


def test_rules_when_they_are_thrown_away_then_what_is_open_ends():
    stage = Stage(kind="enter")
    stage.seconds(1, {1: standing()})
    assert states(stage.book.close(stage.poses.t_ns)) == ["end 1"] and stage.book.close(0) == []


def test_rules_when_a_reflection_is_below_somebody_then_it_counts_as_nobody():
    stage = Stage(kind="count", people=(2, None), zones={"box": ((0, 0), (1, 0), (1, 1), (0, 1))})
    person = standing(320, feet_y=240)
    mirrored = turned(person, 180, (320, 240)) + (0, 10)
    assert not stage.seconds(3, {1: person, 2: mirrored})
    assert stage.seconds(3, {1: person, 2: standing(500, feet_y=440)})


def test_rules_when_more_people_come_than_there_is_room_then_the_others_are_left_out():
    stage = Stage(kind="count", people=(1, None), zones={"box": ((0, 0), (1, 0), (1, 1), (0, 1))})
    for i in range(100):
        stage.seconds(0.5, {8 * i + k: standing(60 + 70 * k) for k in range(8)})
    assert max(signal.people for signal in stage.said) <= 32


# ---- what is wrong is named

@pytest.mark.parametrize("rule, word", [
    (RuleSettings("a", "dance"), "kind 'dance' is not known"),
    (RuleSettings("a", "enter", ("garden",)), "zone 'garden' is not known; one of box"),
    (RuleSettings("a", "fall", outside=("bed",)), "zone 'bed'"),
    (RuleSettings("a", "enter", ("box",), keypoints=("toes",)), "'toes' is not known"),
    (RuleSettings("a", "enter", ("box",), keypoints=("hips below",)), "lines of two points"),
    (RuleSettings("a", "line", ("box",)), "kind line takes one zone, of two points"),
    (RuleSettings("a", "line", ("door",), keypoints=("head seen",)), "keypoints that have a place"),
    (RuleSettings("a", "line", ("door",), direction="up"), "direction 'up'"),
    (RuleSettings("a", "alone", ("box",)), "body_near and body_far.*zone box lacks them"),
    (RuleSettings("a", "alone"), "it has none"),
    (RuleSettings("a", "enter", hours=(("25:00", "06:00"),)), "'25:00' is no time of day")])
def test_book_when_a_rule_is_wrong_then_one_line_names_it(rule, word):
    with pytest.raises(ConfigError, match=word) as fault:
        Stage(rule, zones={"box": BOX, **DOOR})
    assert len(str(fault.value).splitlines()) == 1


def test_book_when_several_rules_are_wrong_then_all_are_named():
    with pytest.raises(ConfigError) as fault:
        Stage(RuleSettings("a", "dance"), RuleSettings("b", "alone"))
    assert len(str(fault.value).splitlines()) == 2 and "camera yard: rule b" in str(fault.value)


# ---- begin and end

EVERYTHING = tuple(RuleSettings(kind, kind, {"line": ("door",), "alone": ("pool",)}.get(kind, ("box",)),
                                keypoints=("hips",)) for kind in KINDS)
ZONES = (ZoneSettings("box", BOX), ZoneSettings("door", DOOR["door"]), ZoneSettings("pool", *POOL["pool"]))
SCENES = st.lists(st.tuples(st.sampled_from(["stand", "fall", "lie", "away", "blind", "off", "back", "many", "jump"]),
                            st.integers(0, 640), st.integers(1, 40)), min_size=1, max_size=8)


def play(scenes):
    """All signals of all kinds of rules during some scenes."""
    stage = Stage(*EVERYTHING, zones={zone.name: (zone.points, zone.body_near, zone.body_far) for zone in ZONES})
    for what, x, n in scenes:
        stage.mode, stage.blind = "off" if what == "off" else "away", "dark" if what == "blind" else None
        if what == "back":
            stage.poses.t_ns -= n * 100_000_000
        people = {"away": {}, "lie": {1: toppled(1, x)}, "many": {k: standing(x + 40 * k) for k in range(1, 7)}}
        stage.steps(n, (lambda k, x=x, n=n: {1: toppled(k / n, x)}) if what == "fall"
                    else (lambda k, x=x: {1 + k // 3: standing((x + 97 * k) % 640)}) if what == "jump"
                    else people.get(what, {1: standing(x, tall=100 + x / 4)}))
    return stage


@settings(max_examples=60, deadline=None)
@given(SCENES)
def test_rules_when_anything_happens_then_every_begin_has_one_end_or_is_open(scenes):
    stage, still_open = play(scenes), set()
    for signal in stage.said + stage.book.close(stage.poses.t_ns):
        name = signal.rule, signal.key
        assert signal.state == "instant" or (signal.state == "begin") == (name not in still_open), signal
        still_open = still_open | {name} if signal.state == "begin" else still_open - (
            {name} if signal.state == "end" else set())
    assert not still_open


def test_rules_when_played_again_then_the_same_is_said(rng):
    scenes = [("many", 10, 20), ("fall", 300, 8), ("lie", 300, 30), ("away", 0, 40), ("jump", 5, 30)]
    assert play(scenes).said == play(scenes).said and play(scenes).said


def test_book_when_it_is_asked_about_a_camera_without_rules_then_nothing_is_said():
    book = RuleBook(CameraSettings("bare", "file"), COCO17)
    stage = Stage(kind="enter")
    stage.steps(5, {1: standing()})
    assert book.update(stage.poses, "away") == [] and book.asks(stage.poses) is None
    assert np.array_equal(stage.poses.track_ids[:1], [1])
