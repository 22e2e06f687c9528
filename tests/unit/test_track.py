"""The tracker: ids through crossings, occlusions and bad time, births and deaths by the clock."""

import numpy as np
import pytest

from edgepose.errors import ConfigError
from edgepose.pose import PoseBatch
from edgepose.skeleton import COCO17
from edgepose.sources.figure import keypoints_at
from edgepose.track.tracker import BIRTH_HITS, Tracker

HEIGHT_PX = 120.0
WIDTH, HEIGHT = 768, 576


def person(x, y=300.0, phase=0.0):
    """float (17, 2), source px: the synthetic figure with its hips at a place."""
    return keypoints_at(phase) * HEIGHT_PX + (x, y)


def fill(poses, people, t_s, scores=None, size=(WIDTH, HEIGHT)):
    """Write float (N, 17, 2) source px into a batch, as a decoder does: what it says of ids is of no use."""
    poses.n, poses.t_ns, poses.width, poses.height = len(people), round(t_s * 1e9), *size
    poses.track_ids.fill(-1)
    for i, xy in enumerate(np.round(np.asarray(people).reshape(-1, 17, 2) * 16).astype(np.int32)):
        poses.keypoints_q4[i], poses.keypoint_scores_q16[i] = xy, 50000
        poses.boxes_q4[i] = *xy.min(axis=0), *np.ptp(xy, axis=0)
        poses.scores_q16[i] = 50000 if scores is None else round(scores[i] * 65535)


def track(frames, tracker=None, fps=10, t0=0.0, **more):
    """[ids of each frame's people], of a list of lists of people."""
    tracker, poses, out = tracker or Tracker(8, COCO17), PoseBatch(8, COCO17), []
    for n, people in enumerate(frames):
        fill(poses, people, t0 + n / fps, **more)
        tracker.update(poses)
        out.append(poses.track_ids[:poses.n].tolist())
    return out


def still(n, *xs):
    return [[person(x) for x in xs]] * n


def test_tracker_when_a_person_was_found_three_times_then_an_id_that_stays():
    assert track(still(20, 300)) == [[-1]] * (BIRTH_HITS - 1) + [[1]] * (21 - BIRTH_HITS)


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_tracker_when_two_people_cross_then_each_keeps_the_id(rng, fps):
    tracker, poses, seen, speed = Tracker(8, COCO17), PoseBatch(8, COCO17), [], HEIGHT_PX  # a body a second
    for n in range(6 * fps):
        t_s = n / fps
        ways = [person(100 + speed * t_s, 300, 6 * t_s), person(100 + speed * (6 - t_s), 304, 6 * t_s + 2)]
        order = rng.permutation(2)
        fill(poses, [ways[i] + rng.normal(0, 0.01 * HEIGHT_PX, (17, 2)) for i in order], t_s)
        tracker.update(poses)
        seen.append(poses.track_ids[:2][np.argsort(order)].tolist())
    assert sorted(seen[-1]) == [1, 2] and all(who == seen[-1] for who in seen[BIRTH_HITS - 1:])


def test_tracker_when_one_hides_the_other_as_they_cross_then_each_keeps_the_id():
    frames = []
    for n in range(60):
        left, right = person(100 + 12 * n), person(808 - 12 * n)
        frames.append([left] if abs(left[0, 0] - right[0, 0]) < 60 else [left, right])
    ids = track(frames)
    assert ids[5] == ids[-1] == [1, 2] and all(row in ([1], [2]) for row in ids if len(row) == 1)


@pytest.mark.parametrize("fps", [5, 30])
@pytest.mark.parametrize("speed", [0, 40])  # px/s
def test_tracker_when_a_person_is_hidden_for_two_seconds_then_the_same_id(fps, speed):
    frames = [[] if 3 <= n / fps < 5 else [person(200 + speed * n / fps)] for n in range(8 * fps)]
    assert {i for row in track(frames, fps=fps)[BIRTH_HITS:] for i in row} == {1}


@pytest.mark.parametrize("fps", [2, 30])
def test_tracker_when_a_person_is_away_for_three_seconds_then_another_id(fps):
    frames = [[] if 3 <= n / fps < 6 else [person(300)] for n in range(10 * fps)]
    ids = track(frames, fps=fps)
    assert ids[2 * fps] == [1] and ids[-1] == [2]


@pytest.mark.parametrize("away_s, expected", [(2.4, 1), (2.7, 2)])
def test_tracker_when_no_frame_comes_for_a_while_then_death_is_by_the_clock(away_s, expected):
    tracker = Tracker(8, COCO17)
    track(still(5, 300), tracker)
    assert track(still(5, 300), tracker, t0=0.4 + away_s)[-1] == [expected]


def test_tracker_when_one_frame_a_second_comes_then_people_are_born_too():
    assert track(still(5, 300), fps=1)[BIRTH_HITS - 1:] == [[1]] * 3


def test_tracker_when_somebody_flickers_for_two_frames_then_no_id_is_spent():
    tracker = Tracker(8, COCO17)
    track([*still(2, 100), *[[]] * 8, *still(10, 600)], tracker)
    assert tracker.n_born == 1


def test_tracker_when_the_order_of_people_changes_then_ids_go_with_them(rng):
    tracker, poses, seen = Tracker(8, COCO17), PoseBatch(8, COCO17), []
    for n in range(30):
        order = rng.permutation(5)
        fill(poses, [person(60 + 140 * i) for i in order], n / 10)
        tracker.update(poses)
        seen.append(poses.track_ids[:5][np.argsort(order)].tolist())
    assert sorted(seen[-1]) == [1, 2, 3, 4, 5] and all(who == seen[-1] for who in seen[BIRTH_HITS - 1:])


def test_tracker_when_the_same_poses_come_again_then_the_same_ids(rng):
    frames = [[person(*rng.uniform(50, 700, 1), rng.uniform(200, 400)) for _ in range(rng.integers(0, 8))]
              for _ in range(100)]
    assert track(frames) == track(frames)


def test_tracker_when_a_timestamp_repeats_then_ids_stay():
    tracker, poses = Tracker(8, COCO17), PoseBatch(8, COCO17)
    for n in range(30):
        fill(poses, [person(100 + 5 * n)], (n // 3) / 10)
        tracker.update(poses)
    assert poses.track_ids[0] == 1 and tracker.n_born == 1


@pytest.mark.parametrize("jump_s", [-1000, -0.05])
def test_tracker_when_time_jumps_back_then_ids_stay(jump_s):
    tracker = Tracker(8, COCO17)
    track(still(10, 300), tracker, t0=2000)
    assert track(still(10, 300), tracker, t0=2001 + jump_s) == [[1]] * 10


def test_tracker_when_time_jumps_back_then_death_comes_as_late_as_ever():
    tracker = Tracker(8, COCO17)
    track(still(10, 300), tracker, t0=2000)
    track([[]] * 40, tracker, t0=5)
    assert tracker.live() == []


def test_tracker_when_the_frame_size_changes_then_everybody_is_new():
    tracker = Tracker(8, COCO17)
    track(still(5, 300), tracker)
    assert track(still(5, 300), tracker, t0=0.5, size=(1280, 720))[-1] == [2]


def test_tracker_when_a_weak_pose_goes_on_with_a_track_then_it_stays_and_alone_it_goes():
    tracker, poses = Tracker(8, COCO17, birth_score=0.3), PoseBatch(8, COCO17)
    for n in range(10):
        fill(poses, [person(100), person(500)], n / 10, scores=[0.5 if n < 5 else 0.1, 0.1])
        tracker.update(poses)
        assert poses.n == 1 and abs(int(poses.keypoints_q4[0, 11, 0]) / 16 - 100) < 20
    assert poses.track_ids[0] == 1


def test_tracker_when_a_person_comes_twice_then_once_is_left():
    frames = [[person(300), person(303)] for _ in range(10)]
    assert track(frames) == [[-1]] * 2 + [[1]] * 8


def test_tracker_when_thirty_come_where_eight_fit_then_eight_stay_and_the_rest_is_counted():
    tracker, poses = Tracker(32, COCO17, max_people=8), PoseBatch(32, COCO17)
    for n in range(10):
        fill(poses, [person(25 * i, 300) + (100 * i, 0) for i in range(30)], n / 10)
        tracker.update(poses)
    assert poses.track_ids[:poses.n].tolist() == list(range(1, 9)) and tracker.n_left_out == 22


def test_tracker_when_half_of_the_keypoints_are_hidden_then_the_id_stays():
    tracker, poses = Tracker(8, COCO17), PoseBatch(8, COCO17)
    for n in range(40):
        xy = person(100 + 8 * n)
        fill(poses, [xy], n / 10)
        if n % 10 > 4:
            poses.keypoints_q4[0, 11:], poses.keypoint_scores_q16[0, 11:] = 0, 0
            upper = np.round(xy[:11] * 16).astype(np.int32)
            poses.boxes_q4[0] = *upper.min(axis=0), *np.ptp(upper, axis=0)
        tracker.update(poses)
    assert poses.track_ids[0] == 1 and tracker.n_born == 1


def test_tracker_when_nobody_comes_then_nothing_happens():
    assert track([[]] * 5) == [[]] * 5


@pytest.mark.parametrize("max_people", [0, -1, 2.5, "8"])
def test_tracker_when_max_people_is_no_number_then_one_line_says_so(max_people):
    with pytest.raises(ConfigError, match="max_people is .* it takes a whole number from 1"):
        Tracker(8, COCO17, max_people=max_people)
