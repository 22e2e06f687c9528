"""People who stand, walk, bow, sit, fall and lie in front of a camera's rules, without a network."""

import math

import numpy as np

from edgepose.daemon.config.settings import CameraSettings, RuleSettings, ZoneSettings
from edgepose.daemon.rules.book import RuleBook
from edgepose.pose import PoseBatch
from edgepose.skeleton import COCO17
from edgepose.sources.figure import SHANK, THIGH, keypoints_at

WIDTH, HEIGHT, TALL = 640, 480, 200.0
HEAD, LEGS = slice(0, 5), [13, 14, 15, 16]
BOX = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.95), (0.25, 0.95))  # 160..480, 120..456 px


def standing(x=320.0, feet_y=400.0, tall=TALL, phase=0.0):
    """float (17, 2) px of somebody whose feet are there."""
    return keypoints_at(phase) * tall + (x, feet_y - (THIGH + SHANK) * tall)


def turned(xy, degrees, about):
    """Keypoints turned clockwise in the picture about a place."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (xy - about) @ np.array([[c, s], [-s, c]]) + about


def toppled(share, x=320.0, feet_y=400.0, tall=TALL):
    """Somebody who has toppled over their feet: 0 stands, 1 lies to the right."""
    return turned(standing(x, feet_y, tall), 90 * share, (x, feet_y))


def bowed(share, x=320.0, feet_y=400.0, tall=TALL):
    """Somebody who bows from the hips to the right, by 110 degrees at most, on straight legs."""
    xy = standing(x, feet_y, tall)
    hips = (xy[11] + xy[12]) / 2
    xy[:11] = turned(xy[:11], 110 * share, hips)
    return xy


def seated(share, x=320.0, feet_y=400.0, tall=TALL):
    """Somebody who sits down on a chair, sideways to us: the hips go down by a thigh, the knees go forward."""
    xy = standing(x, feet_y, tall)
    xy[:13] += (-THIGH * tall * share, THIGH * tall * share)
    return xy


class Stage:
    """A camera with rules, to which people come frame by frame.

    Parameters
    ----------
    rules : RuleSettings, or words for a single one
    zones : dict of points by name, or of (points, body_near, body_far)
    """

    def __init__(self, *rules, zones=None, fps=10, minute=lambda: 12 * 60, size=(WIDTH, HEIGHT), **words):
        zones = {name: (points, None, None) if isinstance(points[1], tuple) else points
                 for name, points in (zones or {"box": BOX}).items()}
        self.settings = CameraSettings(
            "yard", "file", zones=tuple(ZoneSettings(name, *values) for name, values in zones.items()),
            rules=rules or (RuleSettings(**{"name": "rule", "zones": ("box",), **words}),))
        self.book = RuleBook(self.settings, COCO17, minute)
        self.poses, self.step_ns, self.mode, self.blind = PoseBatch(8, COCO17), round(1e9 / fps), "away", None
        self.poses.width, self.poses.height = size
        self.said = []

    def step(self, people=None, hidden=(), score=0.8):
        """A frame with some people, float (17, 2) by track id; the Signals it gives."""
        poses = self.poses
        poses.n, poses.t_ns, poses.seq = 0, poses.t_ns + self.step_ns, poses.seq + 1
        for track_id, xy in (people or {}).items():
            if xy is not None:
                self._put(track_id, xy, hidden, score)
        signals = self.book.update(poses, self.mode, self.blind)
        self.said += signals
        return signals

    def _put(self, track_id, xy, hidden, score):
        poses, i = self.poses, self.poses.n
        q4 = np.clip(np.round(np.asarray(xy) * 16), 0, (poses.width << 4, poses.height << 4)).astype(np.int32)
        poses.keypoints_q4[i], poses.keypoint_scores_q16[i], poses.scores_q16[i] = q4, round(score * 65535), 60000
        poses.keypoint_scores_q16[i, list(hidden)] = 0
        poses.boxes_q4[i] = *q4.min(axis=0), *np.ptp(q4, axis=0)
        poses.track_ids[i], poses.n = track_id, i + 1

    def steps(self, n, people=None, **more):
        """So many frames with the same people, or with what a function of the frame's number gives."""
        signals = []
        for k in range(n):
            signals += self.step(people(k) if callable(people) else people, **more)
        return signals

    def seconds(self, seconds, people=None, **more):
        """As many frames as go into so many seconds; a function is given seconds."""
        n = round(seconds * 1e9 / self.step_ns)
        there = (lambda k: people(k * self.step_ns / 1e9)) if callable(people) else people
        return self.steps(n, there, **more)


def states(signals):
    """What was said, in few words: ["begin 1", "end 1"]."""
    return [f"{signal.state} {signal.key}".strip() for signal in signals]
