"""Identity over time: a fixed table of tracks, each a person who moves at constant velocity, matched in integers."""

import numpy as np

from edgepose.errors import ConfigError
from edgepose.pose import score_to_q16
from edgepose.track.match import ONE, Affinity
from edgepose.track.people import People
from edgepose.track.table import TrackTable

BIRTH_HITS = 3  # frames in which a person is found before there is a track_id
DEATH_NS = 2_500_000_000  # without a sight; an occlusion of two seconds is survived
UNBORN_DEATH_NS = 400_000_000  # the same before there is a track_id
LATE_NS = 1_000_000_000  # tracks seen since then choose first, those in the shade take what is left
LEAST_AFFINITY_Q16 = ONE // 8
DUPLICATE_Q16 = ONE // 3  # affinity to a track that has its pose: the same person twice
LEAST_KEYPOINT_Q16 = score_to_q16(0.1)


class Tracker:
    """Gives people ids that stay.

    Parameters
    ----------
    capacity : int, of the `PoseBatch`
    skeleton : Skeleton of the poses
    max_people : int, tracks at most, those out of sight included; None for twice the capacity
    birth_score : float 0..1, score of a pose from which it may begin a track; weaker ones only go on with one

    Attributes
    ----------
    n_born : int, people that got an id so far
    n_left_out : int, people of the last frame for whom the table had no room
    table : TrackTable, to read
    slots : list of int, the place in the table of each pose that the last `update` left

    Raises
    ------
    ConfigError : `max_people` is no positive number

    Notes
    -----
    Time is the frames' own: ages, velocities and deaths do not know of frame rates. Equal timestamps are no time, a
    jump backwards moves all ages along, a new frame size forgets everybody. Ids count from 1 and are never given
    twice. The same poses give the same ids on every machine; nothing is allocated (tests/steady/test_tracking.py).
    """

    def __init__(self, capacity, skeleton, max_people=None, birth_score=0.0):
        max_people = 2 * capacity if max_people is None else max_people
        if type(max_people) is not int or max_people < 1:
            raise ConfigError(f"max_people is {max_people!r}; it takes a whole number from 1")
        n_keypoints = len(skeleton.keypoints)
        self._people = People(capacity, n_keypoints, LEAST_KEYPOINT_Q16)
        self.table = TrackTable(max_people, n_keypoints)
        self._affinity = Affinity(max_people, capacity, skeleton)
        self._first = np.zeros((max_people, 1), np.int64)
        self._given, self._owner, self.slots = [-1] * max_people, [-1] * capacity, [-1] * capacity
        self._birth_q16 = score_to_q16(birth_score)
        self._size, self._t_ns = None, 0
        self.n_born = self.n_left_out = 0

    def update(self, poses):
        """Write `track_ids`, and drop the poses that are no one's.

        Parameters
        ----------
        poses : PoseBatch, overwritten. -1 is a person who has not been seen often enough yet; poses too weak to begin
            a track and duplicates go, the rest keeps its order
        """
        self._tell_time(poses)
        self._people.read(poses)
        self._bury(poses.t_ns)
        self._match(poses)
        self._bear(poses)
        self._bury_unborn(poses.t_ns)
        self._name(poses)

    def reset(self):
        """End all tracks; ids go on counting."""
        self.table.clear()

    def live(self):
        """[(track_id, slot)] of everybody who has an id, out of sight or not; a copy, for people."""
        return [(track_id, slot) for slot, track_id in enumerate(self.table.ids) if track_id > 0]

    def _tell_time(self, poses):
        size = (poses.width, poses.height)
        if self._size != size:
            self.table.clear()
            self._size = size
        elif poses.t_ns < self._t_ns:
            self.table.move_time(poses.t_ns - self._t_ns)
        self._t_ns = poses.t_ns

    def _match(self, poses):
        table, affinity = self.table, self._affinity
        affinity.clear()
        for slot in table.slots:
            if table.hits[slot]:
                affinity.compare(slot, self._people, table.predict(slot, poses.t_ns))
                here = table.ids[slot] > 0 and poses.t_ns - table.seen_ns[slot] <= LATE_NS
                self._first[slot] = ONE if here else 0
        affinity.assign(LEAST_AFFINITY_Q16, self._first, self._given)
        for person in range(poses.capacity):
            self._owner[person] = -1
        for slot, person in enumerate(self._given):
            if person >= 0:
                self._owner[person] = slot
                table.follow(slot, self._people, person, poses.t_ns)

    def _bear(self, poses):
        """Begin tracks with who is left, the best first, as decoders order them."""
        self.n_left_out, is_compared = 0, False
        for person in range(poses.n):
            if self._owner[person] >= 0 or poses.scores_q16[person] < self._birth_q16:
                continue
            if not is_compared:
                self._compare_served()
                is_compared = True
            if not self._is_twin(person):
                self._begin(person, poses.t_ns)

    def _compare_served(self):
        for slot, person in enumerate(self._given):
            if person >= 0:
                self._affinity.compare(slot, self._people, self.table.place(slot))

    def _is_twin(self, person):
        """Whether the track of somebody else in this frame fits too: a second pose of the same body."""
        for slot, other in enumerate(self._given):
            if other >= 0 and self._affinity.q16[slot, person] >= DUPLICATE_Q16:
                return True
        return False

    def _begin(self, person, t_ns):
        slot = self.table.room(t_ns)
        if slot < 0:
            self.n_left_out += 1
            return
        self.table.begin(slot, self._people, person, t_ns)
        self._affinity.compare(slot, self._people, self.table.place(slot))
        self._owner[person], self._given[slot] = slot, person

    def _bury(self, t_ns):
        """End tracks before anybody is given to them: who comes after the camera was away is somebody new."""
        table = self.table
        for slot in table.slots:
            if table.hits[slot] and t_ns - table.seen_ns[slot] > DEATH_NS:
                table.end(slot)

    def _bury_unborn(self, t_ns):
        """End those without an id sooner, but after this frame: at one frame a second people are born too."""
        table = self.table
        for slot in table.slots:
            if table.hits[slot] and table.ids[slot] < 0 and t_ns - table.seen_ns[slot] > UNBORN_DEATH_NS:
                table.end(slot)

    def _name(self, poses):
        kept = 0
        for person in range(poses.n):
            slot = self._owner[person]
            if slot < 0:
                continue
            track_id = self._id_of(slot)
            if track_id < 0 and poses.scores_q16[person] < self._birth_q16:
                continue
            if kept != person:
                poses.put(kept, poses, person)
            poses.track_ids[kept], self.slots[kept] = track_id, slot
            kept += 1
        poses.n = kept

    def _id_of(self, slot):
        """A track's id, given at its third sight; -1 before."""
        table = self.table
        if table.ids[slot] < 0 and table.hits[slot] >= BIRTH_HITS:
            self.n_born += 1
            table.ids[slot] = self.n_born
        return table.ids[slot]

