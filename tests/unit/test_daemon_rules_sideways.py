"""Looks at pictures that are turned: places are turned back to the sixteenth, and others are left alone."""

import numpy as np
import pytest

from edgepose.daemon.rules.sideways import Ask, SidewaysLook
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.skeleton import COCO17
from tests.conftest import random_frame
from tests.rules_world import standing, toppled, turned

SIDE = 192
MIDDLE = (160.0, 120.0)


class Scene:
    """Backend and decoder at once: sees somebody in a picture of 320x240 where they are, if they look upright."""

    capacity, skeleton, outputs = 1, COCO17, ()

    def __init__(self, look_of, xy, score=0.6):
        self.xy, self.score, self._look_of, self.n = xy, score, look_of, 0

    def infer(self, slot):
        self.n += 1

    def decode(self, outputs, slot, poses):
        """The pose as it lies in the turned input, in 1/16 px of that; only an upright one is found."""
        look = self._look_of()
        fit, turns = look._slot.fit, self.turns_tried()
        xy = (self.xy * 65536 - (fit.x0_q16, fit.y0_q16)) / fit.scale_q16
        xy = turned(xy, -90 * turns, (SIDE / 2, SIDE / 2))
        is_upright = xy[5:7, 1].mean() < xy[11:13, 1].mean() - abs(xy[5:7, 0].mean() - xy[11:13, 0].mean())
        poses.n = int(is_upright)
        poses.keypoints_q4[0] = np.round(xy * 16)
        poses.keypoint_scores_q16[0], poses.scores_q16[0] = round(self.score * 65535), 60000

    def turns_tried(self):
        """Which turn this is, counted."""
        return self.order[(self.n - 1) % len(self.order)]


@pytest.fixture
def look(lightning, rng):
    """A function of where somebody lies: (SidewaysLook, slot, scene)."""
    def make(xy, score=0.6, order=(1, 3, 2)):
        made = []
        scene = Scene(lambda: made[0], xy, score)
        scene.order = order
        made.append(SidewaysLook(lightning, scene, scene))
        slot = Slot(SIDE, SIDE)
        slot.keep(random_frame(rng, "bgr24", 320, 240))
        slot.describe(slot.frame)
        return made[0], slot, scene
    return make


def empty():
    poses = PoseBatch(4, COCO17)
    poses.width, poses.height = 320, 240
    return poses


def ask(track_id=7, order=(1, 3, 2), side=160):
    return Ask(track_id, (round((MIDDLE[0] - side / 2) * 16), round((MIDDLE[1] - side / 2) * 16), side * 16, side * 16),
               order)


def lying(degrees):
    """Somebody about the middle of the picture, turned clockwise."""
    xy = standing(*MIDDLE, tall=90)
    return turned(xy - xy.mean(axis=0) + MIDDLE, degrees, MIDDLE)


@pytest.mark.parametrize("degrees, turn", [(90, 1), (-90, 3), (180, 2)])
def test_look_when_somebody_lies_then_they_are_where_they_are(look, degrees, turn):
    xy, poses = lying(degrees), empty()
    sideways, slot, scene = look(xy)
    assert sideways.look(slot, ask(), poses) == 0 and poses.n == 1 and poses.track_ids[0] == 7
    assert np.abs(poses.keypoints_q4[0] / 16 - xy).max() <= 2 / 16
    assert scene.turns_tried() == turn and sideways.n_found == 1


def test_look_when_the_square_reaches_out_of_the_picture_then_places_are_right(look):
    xy = lying(90) + (110, 60)
    poses = empty()
    sideways, slot, _ = look(xy)
    x, y, *size = ask().box_q4
    assert sideways.look(slot, Ask(7, (x + 110 * 16, y + 60 * 16, *size), (1, 3, 2)), poses) == 0
    assert np.abs(poses.keypoints_q4[0] / 16 - np.clip(xy, 0, (320, 240))).max() <= 2 / 16


def test_look_when_nobody_is_found_or_hardly_then_nothing_changes(look):
    for xy, score in ((lying(0), 0.6), (lying(90), 0.2)):  # upright, which a turned look does not see; too weak
        sideways, slot, _ = look(xy, score)
        poses = empty()
        assert sideways.look(slot, ask(), poses) is None and poses.n == 0 and sideways.n_looks == 3


def test_look_when_the_pose_that_is_there_is_better_then_it_stays(look):
    poses = empty()
    sideways, slot, _ = look(lying(90))
    poses.n, poses.track_ids[0], poses.keypoint_scores_q16[0] = 1, 7, 50000
    assert sideways.look(slot, ask(), poses) is None and poses.keypoint_scores_q16[0, 0] == 50000


def test_look_when_the_pose_that_is_there_is_worse_then_it_is_replaced(look):
    poses = empty()
    sideways, slot, _ = look(lying(90))
    poses.n, poses.track_ids[:2], poses.keypoint_scores_q16[:2] = 2, (3, 7), 20000
    assert sideways.look(slot, ask(), poses) == 1 and poses.n == 2 and list(poses.track_ids[:2]) == [3, 7]


def test_look_when_it_finds_somebody_else_then_they_are_left_alone(look):
    poses, xy = empty(), lying(90)
    sideways, slot, _ = look(xy)
    poses.n, poses.track_ids[0] = 1, 3
    poses.boxes_q4[0] = *(xy.min(axis=0) * 16).astype(int), *(np.ptp(xy, axis=0) * 16).astype(int)
    assert sideways.look(slot, ask(), poses) is None and poses.n == 1


def test_look_when_somebody_is_at_the_edge_of_the_square_then_they_are_left_alone(look):
    sideways, slot, _ = look(toppled(1, 240, 120, tall=90))
    assert sideways.look(slot, ask(side=120), empty()) is None


def test_look_when_there_is_no_room_or_no_frame_then_nothing_is_added(look):
    sideways, slot, _ = look(lying(90))
    full = empty()
    full.n = 4
    assert sideways.look(slot, ask(), full) is None and full.n == 4
    slot.frame = None
    assert sideways.look(slot, ask(), empty()) is None
