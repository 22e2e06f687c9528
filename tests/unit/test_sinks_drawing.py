"""What is drawn, where, in which colour."""

from itertools import pairwise

import numpy as np
import pytest

from edgepose.pose import PoseBatch
from edgepose.sinks.drawing import COLOURS, Painter
from edgepose.sinks.labels import label_plate, track_colour
from edgepose.sinks.stroke import Stroke
from edgepose.skeleton import COCO17

PAINTER = Painter(COCO17, 0.2)
NOSE, LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_ELBOW, RIGHT_ELBOW = 0, 5, 6, 7, 8


def person(points, score=0.9):
    """One pose with the keypoints {index: (x, y) px}."""
    poses = PoseBatch(2, COCO17)
    poses.n, poses.scores_q16[0] = 1, 0.81 * 65535
    for k, (x, y) in points.items():
        poses.keypoints_q4[0, k], poses.keypoint_scores_q16[0, k] = (x * 16, y * 16), score * 65535
    return poses


def drawn(poses, size=(240, 320), level=128, caption=""):
    return np.asarray(PAINTER.draw(np.full((*size, 3), level, np.uint8), poses, caption))


def colour_at(image, x, y):
    return tuple(int(v) for v in image[y, x])


@pytest.mark.parametrize("ends, side", [((LEFT_SHOULDER, LEFT_ELBOW), "left"), ((RIGHT_SHOULDER, RIGHT_ELBOW), "right"),
                                        ((LEFT_SHOULDER, RIGHT_SHOULDER), "middle")])
def test_limb_when_drawn_then_it_has_the_colour_of_its_side(ends, side):
    image = drawn(person({ends[0]: (100.5, 100), ends[1]: (100.5, 200)}))
    assert np.abs(np.subtract(colour_at(image, 100, 150), COLOURS[side][:3])).max() <= 40


@pytest.mark.parametrize("level", [0, 128, 255])
def test_limb_when_drawn_then_it_stands_out_from_any_background(level):
    image = drawn(person({LEFT_SHOULDER: (100, 100), LEFT_ELBOW: (100, 200)}), level=level)
    across = image[150, 90:110].astype(int)
    assert across.max() - across.min() > 150 and (across[0] == level).all()


def test_keypoint_when_it_scores_too_little_then_it_and_its_limbs_are_left_out():
    poses = person({LEFT_SHOULDER: (100, 100), LEFT_ELBOW: (100, 200)})
    poses.keypoint_scores_q16[0, LEFT_ELBOW] = 0.19 * 65535
    assert (drawn(poses)[130:] == 128).all()


def test_keypoint_when_drawn_then_its_middle_is_where_it_was_found():
    window = drawn(person({NOSE: (200.5, 150.5)})).astype(int)[147:154, 197:204]
    ys, xs = np.nonzero(np.abs(window - 128).max(axis=2) > 8)
    assert (xs.mean(), ys.mean()) == (3, 3)


def test_pose_when_no_keypoint_is_visible_then_nothing_is_drawn():
    assert (drawn(person({NOSE: (100, 100)}, score=0.1)) == 128).all()


def test_pose_when_nobody_is_there_then_nothing_is_drawn():
    assert (drawn(PoseBatch(2, COCO17)) == 128).all()


@pytest.mark.parametrize("points", [{NOSE: (-900, -900)}, {NOSE: (5000, 90)},
                                    {NOSE: (-50, 50), LEFT_ELBOW: (9000, 50)}])
def test_pose_when_it_reaches_outside_then_the_picture_keeps_its_size(points):
    assert drawn(person(points)).shape == (240, 320, 3)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (7, 3)])
def test_picture_when_it_is_tiny_then_it_keeps_its_size(size):
    assert drawn(person({NOSE: (0, 0)}), size=size, caption="frame 1").shape == (*size, 3)


def test_label_when_the_head_touches_the_top_then_it_stays_inside():
    image = drawn(person({NOSE: (0, 0), LEFT_ELBOW: (0, 200)}))
    assert (image[:12, :20] != 128).mean() > 0.5


def test_label_when_a_tracker_ran_then_it_is_wider_for_the_track():
    poses = person({NOSE: (160, 120)})
    without = (drawn(poses) != 128).any(axis=2).sum()
    poses.track_ids[0] = 12
    assert (drawn(poses) != 128).any(axis=2).sum() > without


def test_colour_when_ids_differ_then_so_do_colours_and_one_id_keeps_its_own():
    colours = [track_colour(i) for i in range(12)]
    assert len(set(colours)) == 12 and all(np.abs(np.subtract(a, b)).max() > 60 for a, b in pairwise(colours))
    assert track_colour(5) == colours[5] and max(map(max, colours)) < 170  # white text reads on it


def test_person_when_a_tracker_ran_then_the_plate_has_the_tracks_colour():
    poses = person({NOSE: (160, 120), LEFT_ELBOW: (150, 160)})
    poses.track_ids[0] = 7
    assert (drawn(poses) == track_colour(7)).all(axis=2).sum() > 50
    assert not (drawn(person({NOSE: (160, 120)})) == track_colour(7)).all(axis=2).any()


@pytest.mark.parametrize("head", [(150, 100), (150, 0), (0, 239), (319, 60)])
def test_labels_when_two_people_stand_close_then_both_stay_inside(head):
    first = label_plate((320, 240), {NOSE: head}, "#1  0.81", [])
    second = label_plate((320, 240), {NOSE: head}, "#2  0.79", [first])
    assert first.overlaps(second) == (head[1] < 40)  # no room above
    for plate in (first, second):
        assert 0 <= plate.left <= 320 - plate.width and 0 <= plate.top <= 240 - plate.height


def test_caption_when_given_then_it_stands_in_the_top_left_corner():
    changed = (drawn(PoseBatch(1, COCO17), caption="24.8 fps  frame 17") != 128).any(axis=2)
    assert changed[:20, :120].any() and not changed[20:].any() and not changed[:, 140:].any()


def test_stroke_when_the_picture_grows_then_it_grows_slower():
    small, large = Stroke.of(320, 240), Stroke.of(1920, 1080)
    assert small.line_px < large.line_px < 1080 / 240 * small.line_px
    assert small.text_px < large.text_px
