"""The crop that follows a person: on known motion, at edges, in bad time, and on a real clip."""

import numpy as np
import pytest

from edgepose import PoseEstimator
from edgepose.errors import ConfigError
from edgepose.pose import PoseBatch
from edgepose.skeleton import BODY25, COCO17, OPENPOSE18, Skeleton
from edgepose.sources import open_source
from edgepose.sources.figure import keypoints_at
from edgepose.track.follow import FORGET_NS, CropFollower

SECOND = 1_000_000_000
K = {name: k for k, name in enumerate(COCO17.keypoints)}


def batch(xy, t_ns=0, size=(1280, 720), hidden=(), n=1):
    """A PoseBatch of one person at float (17, 2), source px."""
    poses = PoseBatch(1, COCO17)
    poses.n, poses.t_ns, (poses.width, poses.height) = n, t_ns, size
    poses.keypoints_q4[0], poses.keypoint_scores_q16[0] = np.round(np.asarray(xy) * 16), 40000
    for name in hidden:
        poses.keypoint_scores_q16[0, K[name]] = 5000
    return poses


def figure(x=600, y=380, height_px=200, phase=0.0):
    return keypoints_at(phase) * height_px + (x, y)


def after(*batches, ahead_ns=33_000_000):
    """The crop after some poses."""
    follower = CropFollower(COCO17)
    for poses in batches:
        follower.update(poses)
    return follower.crop(batches[-1].t_ns + ahead_ns)


def contains(crop, xy):
    x, y, width, height = (v / 16 for v in crop)
    return ((xy >= (x, y)) & (xy <= (x + width, y + height))).all()


def test_crop_when_a_figure_stands_then_the_published_rule():
    xy = np.round(figure() * 16).astype(int)
    middle = (xy[K["left_hip"]] + xy[K["right_hip"]]) // 2
    away = np.abs(xy - middle)
    half = max(190 * away[[5, 6, 11, 12]].max(), 120 * away.max()) // 100
    assert after(batch(figure())) == (*(middle - half), 2 * half, 2 * half)


def test_crop_when_a_limb_reaches_out_then_it_counts():
    xy = figure()
    xy[K["left_wrist"]] = xy[K["left_hip"]] + (190, -20)
    assert contains(after(batch(xy)), xy) and after(batch(xy))[2] > after(batch(figure()))[2]


def test_crop_when_a_keypoint_scores_low_then_it_does_not_count():
    xy = figure()
    xy[K["left_wrist"]] += (300, 0)
    assert after(batch(xy, hidden=["left_wrist"])) == after(batch(figure(), hidden=["left_wrist"]))


@pytest.mark.parametrize("fps", [5, 30])
@pytest.mark.parametrize("speed", [(400, 0), (-300, 100)])
def test_crop_when_a_person_moves_steadily_then_every_keypoint_is_inside(fps, speed):
    follower = CropFollower(COCO17)
    for n in range(fps):
        xy = figure() + np.array(speed) * n / fps
        crop = follower.crop(round(n / fps * SECOND))
        assert n < 2 or contains(crop, xy)
        follower.update(batch(xy, round(n / fps * SECOND)))


def test_crop_when_a_hand_is_fast_then_where_it_will_be_is_inside():
    follower, xy = CropFollower(COCO17), figure(height_px=150)
    for n in range(4):
        xy[K["left_wrist"]] = xy[K["left_shoulder"]] + (60 * n, 0)
        follower.update(batch(xy, n * SECOND // 10))
    xy[K["left_wrist"]] += (60, 0)
    assert contains(follower.crop(4 * SECOND // 10), xy)


def test_crop_when_the_next_frame_comes_later_then_it_looks_further_ahead():
    moving = [batch(figure(x=500 + 10 * n), n * SECOND // 10) for n in range(2)]
    near, far = after(*moving, ahead_ns=SECOND // 10), after(*moving, ahead_ns=SECOND // 5)
    assert near[0] + near[2] // 2 + 160 == pytest.approx(far[0] + far[2] // 2, abs=2)


def test_crop_when_a_person_bows_then_the_torsos_reach_is_kept_for_a_while():
    bowed = figure()
    bowed[:11] = bowed[11] + (bowed[:11] - bowed[11]) * 0.15
    bowed[13:] = bowed[11] + (bowed[13:] - bowed[11]) * 0.15
    crop = after(batch(figure()), batch(bowed, SECOND // 30))
    assert crop[2] > 0.85 * 3.8 * 0.288 * 200 * 16 > after(batch(bowed))[2]


def test_crop_when_the_pose_only_trembles_then_the_crop_is_the_very_same(rng):
    follower, crops = CropFollower(COCO17), set()
    for n in range(60):
        follower.update(batch(figure() + rng.normal(0, 0.5, (17, 2)), n * SECOND // 30))
        crops.add(follower.crop((n + 1) * SECOND // 30))
    assert len(crops) == 1


def test_crop_when_the_person_is_lost_then_the_whole_picture():
    assert after(batch(figure()), batch(figure(), n=0)) is None


@pytest.mark.parametrize("hidden", [("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")])
def test_crop_when_the_torso_is_not_seen_then_the_whole_picture(hidden):
    assert after(batch(figure(), hidden=hidden)) is None


def test_crop_when_one_hip_and_one_shoulder_are_seen_then_it_follows():
    assert contains(after(batch(figure(), hidden=["left_hip", "right_shoulder"])), figure())


def test_crop_when_nobody_was_ever_seen_then_the_whole_picture():
    assert CropFollower(COCO17).crop(123) is None


def test_crop_when_the_pose_is_old_then_the_whole_picture():
    assert after(batch(figure()), ahead_ns=FORGET_NS) and after(batch(figure()), ahead_ns=FORGET_NS + 1) is None


@pytest.mark.parametrize("second_ns", [0, -5 * SECOND, 5 * SECOND])
def test_crop_when_time_repeats_or_jumps_then_speed_does_not_count(second_ns):
    assert after(batch(figure(x=500)), batch(figure(), second_ns)) == after(batch(figure()))


def test_crop_when_the_frame_size_changes_then_the_past_does_not_count():
    small = figure(x=300, y=200, height_px=100)
    again = after(batch(figure()), batch(small, SECOND // 30, size=(640, 360)))
    assert again == after(batch(small, size=(640, 360)))


@pytest.mark.parametrize("x, y", [(0, 0), (1280, 720), (-300, 400), (3000, -3000)])
def test_crop_when_the_person_leaves_then_its_middle_stays_in_the_picture(x, y):
    crop = after(batch(figure(x, y)))
    assert crop is None or (0 <= crop[0] + crop[2] // 2 <= 1280 * 16 and 0 <= crop[1] + crop[3] // 2 <= 720 * 16)


def test_crop_when_the_person_is_large_then_the_whole_picture():
    assert after(batch(figure(height_px=1200))) is None


def test_crop_when_the_body_is_a_dot_then_it_has_a_size():
    assert after(batch(np.full((17, 2), 300.0))) == (284 * 16, 284 * 16, 32 * 16, 32 * 16)


@pytest.mark.parametrize("skeleton", [OPENPOSE18, BODY25])
def test_follower_when_another_skeleton_has_a_torso_then_it_is_fine(skeleton):
    assert CropFollower(skeleton).crop(0) is None


def test_follower_when_there_is_no_torso_then_one_line_says_so():
    with pytest.raises(ConfigError, match="skeleton face has no left_shoulder; a crop follows"):
        CropFollower(Skeleton("face", ("nose",), ()))


def cut_limbs(crop, reference):
    """Keypoints that a look around the crop sees clearly, and that the crop does not show."""
    if crop is None:
        return set()
    x, y, width, height = (v / 16 for v in crop)
    return {k for k, (u, v, score) in enumerate(reference)
            if score > 0.4 and not (x <= u <= x + width and y <= v <= y + height)}


def test_crop_when_yoga_is_done_then_no_limb_is_cut_off_twice_in_a_row(data):
    follower, before, n_crops, cut = CropFollower(COCO17), set(), 0, []
    with PoseEstimator("movenet-lightning", "tflite", min_score=0.3) as estimator, \
            open_source(str(data / "clips" / "Yoga2.mp4")) as source:
        for frame, _ in zip(source, range(220)):  # all of it: benchmarks/tracking.py --crops
            crop = follower.crop(frame.t_ns)
            if crop:
                wide = [v / 16 for v in (crop[0] - crop[2] // 4, crop[1] - crop[3] // 4, 1.5 * crop[2], 1.5 * crop[3])]
                around = estimator.estimate(frame, crop=wide).keypoints()
                now = cut_limbs(crop, around[0]) if len(around) else set()
                cut.append(now & before)
                before, n_crops = now, n_crops + 1
            follower.update(estimator.estimate(frame, crop=crop and [v / 16 for v in crop]))
    assert n_crops > 80 and not any(cut)
