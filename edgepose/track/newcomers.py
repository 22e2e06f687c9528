"""People whom a look has found roughly, and who wait for a look of their own."""

from edgepose.pose import PoseBatch
from edgepose.track.follow import crop_around
from edgepose.track.match import ONE, Affinity
from edgepose.track.people import People
from edgepose.track.tracker import LEAST_KEYPOINT_Q16

CROP_PERCENT = 130  # side of their first crop, of the longer side of their box
LEAST_BODY_Q4 = 24 << 4  # px, longer side of the box: below that joints are dots
KNOWN_Q16 = ONE // 4  # affinity from which a rough pose is of somebody who is followed


class Newcomers:
    """Keeps those of a look for several people who are nobody that is known.

    Parameters
    ----------
    capacity : int, poses of such a look
    n_tracks : int
    skeleton : Skeleton
    """

    def __init__(self, capacity, n_tracks, skeleton):
        self._waiting, self._n_met = PoseBatch(capacity, skeleton), 0
        self._people = People(capacity, len(skeleton.keypoints), LEAST_KEYPOINT_Q16)
        self._affinity = Affinity(n_tracks, capacity, skeleton)

    @property
    def n(self):
        """How many still wait."""
        return self._waiting.n - self._n_met

    def clear(self):
        """Nobody waits any more."""
        self._waiting.n = self._n_met = 0

    def read(self, found):
        """Take over the poses of a look; `compare` then tells who is known."""
        self.clear()
        self._people.read(found)
        self._affinity.clear()

    def compare(self, row, track):
        """Compare them with somebody who is followed; `track` as `TrackTable.predict` has it."""
        self._affinity.compare(row, self._people, track)

    def keep(self, found):
        """Let those wait who are nobody that is known, and not too small."""
        waiting = self._waiting
        for i in range(found.n):
            if self._affinity.q16[:, i].max() < KNOWN_Q16 and found.boxes_q4[i, 2:].max() >= LEAST_BODY_Q4:
                waiting.put(waiting.n, found, i)
                waiting.n += 1

    def take(self, width, height):
        """The crop of the next one, in a picture of that size, px; as `Letterbox.write` takes it."""
        self._n_met += 1
        return crop_around(self._waiting.boxes_q4[self._n_met - 1], CROP_PERCENT, width, height)
