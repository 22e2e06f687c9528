"""The fixed table of tracks: where each person was last seen, how fast they move, where they will be."""

import numpy as np

from edgepose.track.match import LEAST_COMMON

VELOCITY_NS = 500_000_000  # over which a velocity is averaged
MAX_AHEAD_NS = 2_000_000_000  # nobody walks on for longer unseen
TOLERANCE_NS = 100_000_000  # unseen for that long, twice the area's tolerance
UNKNOWN_TOLERANCE = 4  # times, while the velocity has been measured at most once
SHRINK_NS = 5_000_000_000  # over which a person's area follows a smaller one: half a body is hidden, not gone
_MAX_SPEED_Q12 = 1 << 27  # 32768 px a second


class TrackTable:
    """Rows of tracks in arrays that are made once; a row with no hits is free.

    Attributes
    ----------
    ids : list of int, the track_id, -1 where there is none yet
    hits : list of int, frames in which the person was found
    seen_ns, born_ns : list of int, time of the last and the first of them
    keypoints : int64 (n, K, 2), 1/16 source px, where last seen; a hidden one moved along
    known : int64 (n, K), 1 where the keypoint was ever seen
    corners : int64 (n, 4), of the box, 1/16 source px
    areas : list of int, 1/256 px^2
    velocities_q12 : int64 (n, 2), px a second
    """

    def __init__(self, n, n_keypoints):
        self.slots = range(n)
        self.ids, self.hits, self.seen_ns, self.born_ns, self.areas = ([-1] * n, [0] * n, [0] * n, [0] * n, [1] * n)
        self.keypoints, self._ahead = np.zeros((n, n_keypoints, 2), np.int64), np.zeros((n_keypoints, 2), np.int64)
        self.known = np.zeros((n, n_keypoints), np.int64)
        self.corners, self._corners_ahead = np.zeros((n, 4), np.int64), np.zeros(4, np.int64)
        self.velocities_q12 = np.zeros((n, 2), np.int64)
        self._common, self._shift = np.zeros(n_keypoints, np.int64), np.zeros(2, np.int64)
        self._seen = np.zeros((n_keypoints, 1), bool)

    def clear(self):
        """End all tracks."""
        for slot in self.slots:
            self.end(slot)

    def end(self, slot):
        """Free a row."""
        self.ids[slot], self.hits[slot] = -1, 0

    def move_time(self, by_ns):
        """Take all times along when the clock jumps."""
        for slot in self.slots:
            self.seen_ns[slot] += by_ns
            self.born_ns[slot] += by_ns

    def room(self, t_ns):
        """A free row, else that of who is out of sight for the longest, else -1."""
        if 0 in self.hits:
            return self.hits.index(0)
        slot = self.seen_ns.index(min(self.seen_ns))
        return slot if self.seen_ns[slot] < t_ns else -1

    def begin(self, slot, people, person, t_ns):
        """Fill a row with somebody new, who stands still as far as is known."""
        self.end(slot)
        self.hits[slot], self.seen_ns[slot], self.born_ns[slot] = 1, t_ns, t_ns
        self.keypoints[slot], self.known[slot] = people.keypoints[person], people.known[person]
        self.corners[slot], self.areas[slot] = people.corners[person], int(people.areas[person])
        self.velocities_q12[slot] = 0

    def place(self, slot):
        """Where a person was last seen, as `predict` has it."""
        return self.keypoints[slot], self.known[slot], self.corners[slot], self.areas[slot]

    def predict(self, slot, t_ns):
        """Where a person will be; lent until the next call.

        Returns
        -------
        (keypoints int64 (K, 2), known (K,), corners (4,), area int), formats as the table's; the area is the larger the
        longer the person was out of sight and the less is known of their velocity. Nobody goes back in time
        """
        unseen_ns, shift = max(t_ns - self.seen_ns[slot], 0), self._shift
        np.multiply(self.velocities_q12[slot], min(unseen_ns, MAX_AHEAD_NS), out=shift)
        np.floor_divide(shift, 256 * 1_000_000_000, out=shift)
        np.add(self.keypoints[slot], shift, out=self._ahead)
        np.add(self.corners[slot, :2], shift, out=self._corners_ahead[:2])
        np.add(self.corners[slot, 2:], shift, out=self._corners_ahead[2:])
        area = self.areas[slot] * (TOLERANCE_NS + min(unseen_ns, MAX_AHEAD_NS)) // TOLERANCE_NS
        return self._ahead, self.known[slot], self._corners_ahead, area * (
            UNKNOWN_TOLERANCE if self.hits[slot] < 3 else 1)

    def follow(self, slot, people, person, t_ns):
        """Move a row to where its person was found, and learn their velocity."""
        way, dt_ns = self._way(slot, people, person), t_ns - self.seen_ns[slot]
        if dt_ns > 0:
            self._learn(slot, way, dt_ns, t_ns)
        np.add(self.keypoints[slot], way, out=self.keypoints[slot])
        np.not_equal(people.known[person], 0, out=self._seen[:, 0])
        np.copyto(self.keypoints[slot], people.keypoints[person], where=self._seen)
        np.maximum(self.known[slot], people.known[person], out=self.known[slot])
        self.corners[slot] = people.corners[person]
        area, lost = int(people.areas[person]), self.areas[slot] * dt_ns // (dt_ns + SHRINK_NS)
        self.areas[slot] = max(area, self.areas[slot] - lost)
        self.hits[slot], self.seen_ns[slot] = self.hits[slot] + 1, t_ns

    def _way(self, slot, people, person):
        """int64 (2,), 1/16 px: the mean way of the keypoints seen then and now, else that of the box's middle."""
        common, shift = self._common, self._shift
        np.multiply(people.known[person], self.known[slot], out=common)
        n = int(common.sum())
        if n < LEAST_COMMON:
            np.subtract(people.corners[person, :2], self.corners[slot, :2], out=shift)
            np.add(shift, people.corners[person, 2:], out=shift)
            np.subtract(shift, self.corners[slot, 2:], out=shift)
            np.right_shift(shift, 1, out=shift)
            return shift
        np.subtract(people.keypoints[person], self.keypoints[slot], out=self._ahead)
        np.multiply(self._ahead[:, 0], common, out=self._ahead[:, 0])
        np.multiply(self._ahead[:, 1], common, out=self._ahead[:, 1])
        np.sum(self._ahead, axis=0, out=shift)
        np.floor_divide(shift, n, out=shift)
        return shift

    def _learn(self, slot, way, dt_ns, t_ns):
        """Average the velocity over what is known of it, half a second at most."""
        memory_ns = min(VELOCITY_NS, t_ns - self.born_ns[slot])
        velocity = self.velocities_q12[slot]
        for axis in (0, 1):
            now = (int(way[axis]) << 8) * 1_000_000_000 // dt_ns
            now = min(max(now, -_MAX_SPEED_Q12), _MAX_SPEED_Q12)
            velocity[axis] += (now - int(velocity[axis])) * dt_ns // (dt_ns + memory_ns)
