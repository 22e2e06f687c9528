"""Falls, and what is none: lying down slowly, sitting, bowing, jumping, walking out below the picture."""

import math

import pytest

from edgepose.daemon.config.settings import RuleSettings
from edgepose.daemon.rules.bodies import DOWN_GRACE_NS
from edgepose.daemon.rules.looks import EVERY_NS
from tests.rules_world import LEGS, TALL, Stage, bowed, seated, standing, states, toppled, turned

FALL_S = 0.7  # published falls take 0.4 to 0.8 s
BED = {"bed": ((0.45, 0.6), (1.0, 0.6), (1.0, 1.0), (0.45, 1.0))}


def stage(*more, fps=10, zones=None, **words):
    """A camera with a rule about falls, after somebody has stood there for a while."""
    stage = Stage(RuleSettings("fall", "fall", **words), *more, fps=fps, zones=zones)
    assert not stage.seconds(2, {1: standing()})
    return stage


def falling(seconds=FALL_S, **more):
    """Somebody who topples faster and faster, then lies."""
    return lambda t_s: {1: toppled(min(t_s / seconds, 1) ** 2, **more)}


@pytest.mark.parametrize("fps", [5, 10, 30])
@pytest.mark.parametrize("seconds", [0.4, 0.8, 1.2])
def test_fall_when_somebody_falls_then_it_begins_within_a_second_of_lying(fps, seconds):
    signals = stage(fps=fps).seconds(seconds + 1, falling(seconds))
    assert states(signals) == ["begin 1"] and signals[0].kind == "fall"
    assert 45 <= signals[0].detail["torso_degrees"] <= 100


def test_fall_when_it_has_begun_then_lying_on_is_the_same_and_getting_up_ends_it():
    there = stage()
    there.seconds(2, falling())
    assert not there.seconds(60, {1: toppled(1)})
    rising = there.seconds(3, lambda t_s: {1: toppled(max(1 - t_s / 2, 0))})
    assert states(rising + there.seconds(2, {1: standing()})) == ["end 1"]
    assert there.said[-1].detail == {"ended": "up again"}


def test_fall_when_it_must_last_then_getting_up_before_is_none():
    there = stage(for_s=5.0)
    there.seconds(3, falling())
    assert not there.seconds(4, {1: standing()})
    assert states(there.seconds(8, falling())) == ["begin 1"]


@pytest.mark.parametrize("seconds", [2.5, 4.0])
def test_fall_when_somebody_lies_down_slowly_then_there_is_none_but_they_lie(seconds):
    there = stage(RuleSettings("lying", "lying", for_s=3.0))
    down = there.seconds(seconds, lambda t_s: {1: toppled(t_s / seconds)})
    signals = down + there.seconds(5, {1: toppled(1)})
    assert [(signal.kind, signal.state) for signal in signals] == [("lying", "begin")]
    assert [(s.kind, s.state) for s in there.seconds(3, {1: standing()})] == [("lying", "end")]


@pytest.mark.parametrize("what", [bowed, seated])
def test_fall_when_somebody_bows_or_sits_down_fast_then_there_is_none(what):
    there = stage()
    assert not there.seconds(1, lambda t_s: {1: what(min(t_s / 0.5, 1))}) + there.seconds(2, {1: what(1)})
    assert not there.seconds(2, {1: standing()})


def test_fall_when_somebody_jumps_then_there_is_none():
    there = stage(fps=30)
    assert not there.seconds(6, lambda t_s: {1: standing(feet_y=400 - 60 * abs(math.sin(5 * t_s)))})


def test_fall_when_somebody_walks_out_below_the_picture_then_there_is_none():
    there = stage()
    assert not there.seconds(2, lambda t_s: {1: standing(feet_y=400 + 100 * t_s, tall=TALL + 60 * t_s)})
    assert not there.seconds(10)


def test_fall_when_the_body_is_hardly_seen_from_the_start_then_there_is_none():
    there = Stage(RuleSettings("fall", "fall"))
    there.seconds(2, {1: standing()}, score=0.3)  # what looks like somebody
    assert not there.seconds(3, falling(), score=0.3)


def test_fall_when_the_legs_are_not_seen_on_the_way_down_then_it_is_one():
    assert states(stage().seconds(2, falling(), hidden=LEGS)) == ["begin 1"]


def test_fall_when_it_is_towards_us_then_the_torso_gets_short_and_it_is_one():
    def towards(t_s):
        xy, share = standing(), min(t_s / FALL_S, 1) ** 2
        xy[:, 1] = 400 - (400 - xy[:, 1]) * (1 - 0.95 * share)
        return {1: xy}
    assert states(stage().seconds(2, towards)) == ["begin 1"]


def test_fall_when_the_network_misses_who_is_on_the_way_down_then_it_is_one():
    there = stage()
    there.seconds(0.7, falling())
    assert states(there.seconds(1)) == ["begin 1"] and there.said[-1].detail["seen"] is False


def test_fall_when_the_track_is_another_on_the_floor_then_it_is_the_same_fall():
    there = stage()
    there.seconds(2, falling())
    there.seconds(1)
    assert not there.seconds(5, {8: toppled(1)})


def test_fall_when_who_is_down_is_not_seen_any_more_then_it_is_open_for_long():
    there = stage()
    there.seconds(2, falling())
    assert not there.seconds(DOWN_GRACE_NS / 1e9 - 1) and states(there.seconds(2)) == ["end 1"]


def test_fall_when_it_is_into_bed_then_it_does_not_count():
    there = stage(outside=("bed",), zones=BED)
    assert not there.seconds(6, falling())
    elsewhere = stage(outside=("bed",), zones=BED)
    assert states(elsewhere.seconds(2, lambda t_s: {1: turned(standing(), -90 * min(t_s / FALL_S, 1) ** 2, (320, 400))}
                                    )) == ["begin 1"]


def test_fall_when_two_stand_and_one_falls_then_it_is_theirs():
    there = stage()
    assert not there.seconds(2, {1: standing(), 2: standing(100)})
    signals = there.seconds(2, lambda t_s: {1: standing(), 2: toppled(min(t_s / FALL_S, 1) ** 2, 100)})
    assert states(signals) == ["begin 2"]


def test_lying_when_one_sight_is_wrong_before_somebody_vanishes_then_they_do_not_lie():
    there = Stage(RuleSettings("lying", "lying"))
    there.seconds(2, {1: standing()})
    assert not there.step({1: toppled(1, feet_y=275)}) + there.seconds(10)  # the trunk is where it was


# ---- whom to look at again

def test_asks_when_everybody_stands_then_nobody():
    there = stage()
    assert there.book.asks(there.poses) is None


def test_asks_when_who_is_down_is_hardly_seen_then_they_are_looked_at_upright():
    there = stage()
    there.seconds(2, falling(), score=0.35)
    there.seconds(EVERY_NS / 1e9, {1: toppled(1)}, score=0.35)
    ask = there.book.asks(there.poses)
    assert ask.track_id == 1 and ask.turns[0] == 1  # the head is on the right: a quarter counter-clockwise
    x, y, width, height = (v / 16 for v in ask.box_q4)
    lying = toppled(1)
    assert width == height and (lying > (x, y)).all() and (lying < (x + width, y + height)).all()
    assert there.book.asks(there.poses) is None  # not before EVERY_NS


def test_asks_when_somebody_vanishes_within_the_picture_then_they_are_looked_for_below():
    there = stage()
    there.step()
    ask = there.book.asks(there.poses)
    assert ask.track_id == 1 and ask.box_q4[1] + ask.box_q4[3] // 2 > 300 * 16
    there.seconds(1.5)
    assert there.book.asks(there.poses) is None


def test_asks_when_somebody_leaves_sideways_then_nobody():
    there = stage()
    there.seconds(3, lambda t_s: {1: standing(320 + 100 * t_s)})
    there.step()
    assert there.book.asks(there.poses) is None


def test_fall_when_only_a_turned_picture_shows_who_vanished_then_twice():
    there = stage()
    there.step()
    assert there.book.asks(there.poses).track_id == 1
    assert not there.steps(9, {1: toppled(1)}) + there.seconds(1)  # found once; the gate gives it again and again
    there = stage()
    there.steps(1)
    for _ in range(2):
        while there.book.asks(there.poses) is None:
            there.step()
        there.poses.n = 0
        there.step({1: toppled(1)})
    assert states(there.seconds(1)) == ["begin 1"]
