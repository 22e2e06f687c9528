"""People who walk through a picture, and looks that see them: what the crop finder meets, without a network."""

from types import SimpleNamespace

import numpy as np

from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.skeleton import COCO17
from edgepose.sources.figure import keypoints_at
from edgepose.track.budget import Budget
from edgepose.track.crops import CropFinder
from edgepose.track.scan import Scan
from edgepose.track.tracker import Tracker

WIDTH, HEIGHT, BODY_PX = 1280, 720, 100.0


class World:
    """People by name, each a function from seconds to float (17, 2) keypoints in px, or None where they are away."""

    def __init__(self, size=(WIDTH, HEIGHT)):
        self.people, self.size, self.t_s, self.taken, self.clock_ns = {}, size, 0.0, [], 0

    def add(self, name, x, y=300.0, speed=0.0, at_s=(0, 1e9)):
        """Somebody who walks from a place at a speed, px a second, and is there from a time to another."""
        self.people[name] = lambda t_s: (keypoints_at(2 * t_s) * BODY_PX + (x + speed * t_s, y)
                                         if at_s[0] <= t_s < at_s[1] else None)

    def seen(self):
        """[(name, keypoints)] of those who are there now."""
        now = [(name, where(self.t_s)) for name, where in self.people.items()]
        return [(name, xy) for name, xy in now if xy is not None]

    def slot(self):
        """The ring's slot of the frame that shows them now."""
        slot, (width, height) = Slot(192, 192), self.size
        slot.width, slot.height, slot.t_ns = width, height, round(self.t_s * 1e9)
        slot.fit.scale_q16 = (max(width, height) << 16) // 192
        return slot


class Eye:
    """A look that sees the world: the one in the middle of a crop, or everybody in it, a little beside."""

    def __init__(self, world, several=False, cost_ns=2_000_000):
        self._world, self._several, self.cost_ns = world, several, cost_ns
        self.model = SimpleNamespace(input=SimpleNamespace(width=192, height=192))
        self.poses = PoseBatch(32 if several else 1, COCO17)

    def take(self, slot, crop, place=0):
        """Fill `poses`, and note the look in the world."""
        world, poses = self._world, self.poses
        world.taken.append((self._several, crop, place))
        world.clock_ns += self.cost_ns
        x, y, width, height = (v / 16 for v in crop or (0, 0, slot.width << 4, slot.height << 4))
        inside = [xy for _, xy in world.seen() if (x <= xy.mean(axis=0)[0] <= x + width)
                  and (y <= xy.mean(axis=0)[1] <= y + height)]
        middle = np.array([x + width / 2, y + height / 2])
        inside.sort(key=lambda xy: np.hypot(*(xy.mean(axis=0) - middle)))
        poses.n = 0
        for xy in inside[:poses.capacity]:
            put(poses, xy + (3 if self._several else 0))


def put(poses, xy, score=0.8):
    """Add a pose as a decoder does."""
    n, q4 = poses.n, np.round(xy * 16).astype(np.int32)
    poses.keypoints_q4[n], poses.keypoint_scores_q16[n], poses.scores_q16[n] = q4, score * 65535, 60000
    poses.boxes_q4[n] = *q4.min(axis=0), *np.ptp(q4, axis=0)
    poses.n += 1


class Walk:
    """A crop finder in a world, frame by frame."""

    def __init__(self, world, max_people=8, limit_ns=None, fps=10):
        self.world, self.fps, self.n = world, fps, 0
        self.one, several = Eye(world), Eye(world, several=True)
        self.budget = Budget(limit_ns, 2 * max_people + 2, clock_ns=lambda: world.clock_ns)
        self.finder = CropFinder(self.one, [Scan(several, 150_000_000, 100_000_000)],
                                 Tracker(2 * max_people, COCO17, max_people), self.budget, 2 * max_people)
        self.poses = PoseBatch(2 * max_people, COCO17)

    def step(self, t_s=None):
        """One frame more; returns its PoseBatch."""
        self.world.t_s = self.n / self.fps if t_s is None else t_s
        self.n += 1
        self.world.taken.clear()
        slot = self.world.slot()
        self.poses.describe(slot)
        self.finder.find(slot, self.poses)
        return self.poses

    def steps(self, n):
        """So many frames more; {name: id} of the last one's."""
        for _ in range(n):
            self.step()
        return self.names()

    def names(self):
        """{name: track id} of everybody who is reported where they are."""
        found = {}
        for name, xy in self.world.seen():
            for i in range(self.poses.n):
                if np.abs(self.poses.keypoints_q4[i] / 16 - xy).max() < BODY_PX / 4:
                    found[name] = int(self.poses.track_ids[i])
        return found
