"""Several people with looks that see one at a time: who is followed, found, lost, and whose turn it is."""

import pytest

from tests.people_world import BODY_PX, HEIGHT, WIDTH, Walk, World


def crowd(n, speed=0.0):
    world = World()
    for i in range(n):
        world.add(i, 80 + 150 * (i % 8), 130 + 180 * (i // 8), speed)
    return world


def test_crops_when_somebody_is_there_then_they_are_reported_at_once_and_named_at_the_third_sight():
    world = World()
    world.add("a", 300)
    walk = Walk(world)
    assert [walk.step().n for _ in range(3)] == [1, 1, 1] and walk.names() == {"a": 1}


def test_crops_when_eight_walk_then_all_are_followed_and_keep_their_ids():
    walk = Walk(crowd(8, speed=12))
    first = walk.steps(10)
    assert sorted(first.values()) == list(range(1, 9)) and walk.steps(60) == first


def test_crops_when_people_are_followed_then_each_is_looked_at_through_a_slot_of_their_own():
    walk = Walk(crowd(5))
    walk.steps(10)
    places = [place for several, _, place in walk.world.taken if not several]
    assert len(places) == len(set(places)) == 5


def test_crops_when_two_cross_then_nobody_swaps():
    world = World()
    world.add("a", 200, 300, speed=BODY_PX)
    world.add("b", 800, 304, speed=-BODY_PX)
    walk = Walk(world, fps=15)
    before = walk.steps(15)
    assert len(before) == 2 and walk.steps(75) == before


def test_crops_when_somebody_new_comes_then_the_next_round_finds_them():
    world = World()
    world.add("a", 300), world.add("b", 900, at_s=(2, 1e9))
    walk = Walk(world)
    assert walk.steps(20) == {"a": 1} and walk.steps(14) == {"a": 1, "b": 2}


def test_crops_when_a_crop_shows_nobody_then_the_person_is_gone_and_soon_not_looked_for():
    world = World()
    world.add("a", 300, at_s=(0, 2))
    walk = Walk(world)
    walk.steps(20)
    assert walk.step().n == 0 and any(not several for several, *_ in world.taken)
    walk.steps(5)
    assert walk.step().n == 0 and not any(not several for several, *_ in world.taken)


def test_crops_when_somebody_is_hidden_for_two_seconds_then_the_id_is_the_same():
    world = World()
    world.add("a", 300, at_s=(0, 2)), world.add("a again", 300, at_s=(4, 1e9))
    walk = Walk(world)
    assert walk.steps(20) == {"a": 1} and walk.steps(30) == {"a again": 1}


def test_crops_when_only_one_is_wanted_then_there_is_one_look_a_frame():
    world = World()
    world.add("a", 300, speed=20)
    walk = Walk(world, max_people=1)
    walk.steps(5)
    for _ in range(20):
        assert walk.step().n == 1 and len(world.taken) == 1 and world.taken[0][1] is not None


def test_crops_when_the_one_is_lost_then_the_whole_picture_is_looked_at():
    world = World()
    world.add("a", 300, at_s=(0, 1))
    walk = Walk(world, max_people=1)
    walk.steps(10)
    taken = []
    for _ in range(10):
        walk.step()
        taken += world.taken
    assert any(several and crop is None for several, crop, _ in taken)


def test_crops_when_the_budget_is_short_then_people_take_turns_and_all_are_reported():
    world = crowd(6, speed=10)
    walk = Walk(world, limit_ns=4_500_000)  # two looks
    walk.steps(40)
    turns = []
    for _ in range(12):
        assert walk.step().n == 6 and walk.budget.n_looks <= 2 and walk.budget.spent_ns <= 4_500_000
        turns += [place for several, _, place in world.taken if not several]
    assert {turns.count(place) for place in turns} <= {2, 3, 4} and len(set(turns)) == 6
    assert len(walk.names()) == 6  # where they are, though most were not looked at


def test_crops_when_the_budget_is_less_than_a_look_then_there_is_one_a_frame_and_new_people_still_come():
    world = crowd(3)
    walk = Walk(world, limit_ns=1)
    for _ in range(60):
        walk.step()
        assert walk.budget.n_looks == 1
    assert sorted(walk.names().values()) == [1, 2, 3]


def test_crops_when_thirty_come_then_eight_stay_and_the_rest_is_counted():
    walk = Walk(crowd(30))
    first = walk.steps(30)
    assert len(first) == 8 and walk.finder.n_left_out == 22
    assert walk.steps(30) == first and walk.step().n == 8


def test_crops_when_the_frames_size_changes_then_everybody_is_new():
    walk = Walk(crowd(3))
    walk.steps(10)
    walk.world.size = (WIDTH // 2, HEIGHT)
    for i in range(3):
        walk.world.add(i, 80 + 150 * i)
    assert sorted(walk.steps(10).values()) == [4, 5, 6]


@pytest.mark.parametrize("times", [[3.0] * 10, [3.0, 3.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]])
def test_crops_when_times_repeat_or_jump_back_then_ids_stay(times):
    walk = Walk(crowd(3))
    before = walk.steps(30)
    for t_s in times:
        walk.step(t_s)
    assert walk.names() == before and len(before) == 3


def test_crops_when_the_same_frames_come_again_then_the_same_poses():
    def run():
        walk, lines = Walk(crowd(5, speed=15)), []
        for _ in range(40):
            poses = walk.step()
            lines.append((poses.track_ids[:poses.n].tolist(), poses.keypoints_q4[:poses.n].tolist()))
        return lines

    assert run() == run()


def test_crops_when_somebody_walks_out_then_no_crop_lies_outside():
    world = World()
    world.add("a", 1180, speed=60)
    walk = Walk(world)
    for _ in range(40):
        walk.step()
        for _, crop, _ in world.taken:
            assert crop is None or (crop[0] < WIDTH << 4 and crop[0] + crop[2] > 0)
