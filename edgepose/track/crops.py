"""Several people with a network that finds one at a time: a crop for each, and looks for those who are new."""

import numpy as np

from edgepose.pose import PoseBatch, score_to_q16
from edgepose.track.follow import CropFollower, crop_around
from edgepose.track.newcomers import Newcomers
from edgepose.track.twins import Twins

PART_PERCENT = 200  # side of a crop, of the box's longer one, of somebody without a hip and a shoulder to follow
GIVE_UP_NS = 400_000_000  # for how long a crop is looked at in vain
NEW_SCORE_Q16 = score_to_q16(0.25)  # mean of the keypoints' scores from which somebody new is believed in
KEPT_SCORE_Q16 = score_to_q16(0.15)  # the same of somebody who is followed


class CropFinder:
    """Finds people crop by crop, and says who is who.

    Parameters
    ----------
    look : Look for one person, with a slot for each person and one more
    scans : list of Scan
    tracker : Tracker
    budget : Budget of a frame's looks
    capacity : int, of the `PoseBatch`; more than the tracker's people, so that newcomers can be told from them

    Attributes
    ----------
    tracker, budget, capacity : as given
    n_left_out : int, people beside those who fit, as far as the last looks tell
    is_settled : bool, a frame like the one before tells nothing new

    Notes
    -----
    People are looked at in the order in which they wait; those for whom nothing is left stay where their track expects
    them. Somebody new is reported as soon as a crop around the rough pose shows a person. The same frames give the same
    poses and ids as long as no time limit is given. Allocates nothing (tests/steady/test_tracking.py).
    """

    wants_frames = True

    def __init__(self, look, scans, tracker, budget, capacity):
        self._look, self._scans, self.tracker, self.budget, self.capacity = look, scans, tracker, budget, capacity
        skeleton, n = look.poses.skeleton, len(tracker.table.slots)
        self._followers = [CropFollower(skeleton) for _ in range(n)]
        self._last, self._twins = PoseBatch(n, skeleton), Twins(capacity, skeleton)
        self._looked, self._n_frames, self._t_ns, self._size = [0] * n, 0, 0, None
        self._vain_ns, self._n_found = [None] * n, 0
        self._newcomers = Newcomers(max(scan.look.poses.capacity for scan in scans), n, skeleton)

    def find(self, slot, poses, motion=None):
        """Fill `poses` with the people of a frame, ids included.

        Parameters
        ----------
        slot : Slot of the ring with a `frame`
        poses : PoseBatch that describes the slot, written
        motion : bool (rows, columns), cells of the gate in which something unknown moves; or None where no gate looks
        """
        self._begin(slot, poses)
        self._meet(slot, poses)
        for scan in self._scans:
            if scan.is_late(slot.t_ns):
                self._search(scan, slot, poses, motion)
        self._follow_all(slot, poses)
        for scan in self._scans:
            self._search(scan, slot, poses, motion)
        self._twins.drop_from(poses)
        self.tracker.update(poses)
        self._learn(poses)
        self._carry_on(poses)
        self.budget.end()

    @property
    def n_left_out(self):
        """About how many people there are beside those who fit."""
        return max(max(scan.n_new) for scan in self._scans) if self._is_full() else self.tracker.n_left_out

    @property
    def is_settled(self):
        """Whether a frame like the one before tells nothing new: every part of the picture has been looked at."""
        return not self._newcomers.n and all(scan.is_settled for scan in self._scans)

    def _is_full(self):
        return all(self._is_followed(row, self._t_ns) for row in self.tracker.table.slots)

    def _begin(self, slot, poses):
        self.budget.begin()
        self._n_frames, self._t_ns, poses.n = self._n_frames + 1, slot.t_ns, 0
        if self._size != (slot.width, slot.height):
            self._size = slot.width, slot.height
            self._newcomers.clear()
            self.tracker.reset()

    def _is_followed(self, row, t_ns):
        if not self.tracker.table.hits[row]:
            return False
        return self._vain_ns[row] is None or 0 <= t_ns - self._vain_ns[row] <= GIVE_UP_NS

    def _follow_all(self, slot, poses):
        """Look at everybody who is followed, as far as the budget goes: newcomers, then whoever waits longest."""
        for row in sorted(self.tracker.table.slots, key=self._turn_of):
            if self._is_followed(row, slot.t_ns):
                if not self.budget.grants(self._look.cost_ns):
                    return
                self._look.take(slot, self._crop_of(row, slot), row)
                self._looked[row] = self._n_frames
                self._report(poses, KEPT_SCORE_Q16)

    def _turn_of(self, row):
        return self.tracker.table.ids[row] > 0, self._looked[row]

    def _crop_of(self, row, slot):
        if self._followers[row].follows(slot.t_ns):
            return self._followers[row].crop(slot.t_ns)
        return crop_around(self._last.boxes_q4[row], PART_PERCENT, *self._size)

    def _report(self, poses, least_q16):
        """Add whom the last look has found, if anybody: presence vouches for a body, keypoints for a pose."""
        found = self._look.poses
        if found.n and poses.n < poses.capacity and _mean(found.keypoint_scores_q16[0]) >= least_q16:
            poses.put(poses.n, found, 0)
            poses.n += 1

    def _search(self, scan, slot, poses, motion):
        """Take one look for people who are new, if it is time and nobody waits from the last one."""
        is_alone = not (poses.n or self._n_found)
        if self._newcomers.n or (len(self._followers) == 1 and not is_alone):  # of one there is no other
            return
        part = scan.next(slot, motion, is_alone)
        if part < 0 or not self.budget.grants(scan.look.cost_ns):
            return
        scan.look.take(slot, scan.crop(part, slot.t_ns))
        self._sort_out(scan.look.poses, slot.t_ns)
        scan.n_new[part] = self._newcomers.n
        if self._is_full():
            self._newcomers.clear()
        self._meet(slot, poses)

    def _sort_out(self, found, t_ns):
        """Let those wait who are nobody that is followed."""
        table, newcomers = self.tracker.table, self._newcomers
        newcomers.read(found)
        for row in table.slots:
            if self._is_followed(row, t_ns):
                newcomers.compare(row, table.predict(row, t_ns))
        newcomers.keep(found)

    def _meet(self, slot, poses):
        """Look at those who wait."""
        while self._newcomers.n and self.budget.grants(self._look.cost_ns):
            self._look.take(slot, self._newcomers.take(*self._size), len(self._followers))
            self._report(poses, NEW_SCORE_Q16)

    def _learn(self, poses):
        """Let each crop follow its person, and note who was looked for in vain."""
        self._n_found, table = poses.n, self.tracker.table
        for row in table.slots:
            if self._looked[row] == self._n_frames and self._vain_ns[row] is None:
                self._vain_ns[row] = poses.t_ns
        for i in range(poses.n):
            row = self.tracker.slots[i]
            if table.hits[row] == 1:
                self._followers[row].reset()
            self._followers[row].update(poses, i)
            self._last.put(row, poses, i)
            self._looked[row], self._vain_ns[row] = self._n_frames, None

    def _carry_on(self, poses):
        """Add those at whom nobody has looked, where their tracks expect them."""
        table = self.tracker.table
        for row in table.slots:
            if (table.ids[row] > 0 and self._is_followed(row, poses.t_ns) and self._looked[row] < self._n_frames
                    and poses.n < poses.capacity):
                self._expect(row, poses)

    def _expect(self, row, poses):
        n, (keypoints, _, corners, _) = poses.n, self.tracker.table.predict(row, poses.t_ns)
        poses.put(n, self._last, row)
        np.copyto(poses.keypoints_q4[n], keypoints, casting="same_kind")
        np.maximum(poses.keypoints_q4[n], 0, out=poses.keypoints_q4[n])
        for axis, limit in enumerate((poses.width << 4, poses.height << 4)):
            np.minimum(poses.keypoints_q4[n, :, axis], limit, out=poses.keypoints_q4[n, :, axis])
        poses.boxes_q4[n, :2] = corners[:2]
        poses.track_ids[n] = self.tracker.table.ids[row]
        poses.n += 1


def _mean(scores_q16):
    """Of those keypoints that the network knows; those of another skeleton that it does not know score 0."""
    return int(scores_q16.sum()) // max(int(np.count_nonzero(scores_q16)), 1)
