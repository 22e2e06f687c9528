"""The table of bodies of a camera: rows of a fixed number, each kept for a while after its body is out of sight."""

from edgepose.daemon.rules.body import Body
from edgepose.daemon.rules.posture import Anatomy

GRACE_NS = 2_500_000_000  # out of sight for so long a body is gone; a track lives as long
DOWN_GRACE_NS = 30_000_000_000  # the same of one that is down: networks miss who lies, and nobody walks away lying
ADOPT_PERCENT = 75  # of the stature: a new track so near to a body out of sight is that body
ADOPT_AFTER_NS = 100_000_000  # out of sight for so long it may be


class Bodies:
    """All bodies of a camera.

    Parameters
    ----------
    capacity : int, rows
    skeleton : Skeleton

    Attributes
    ----------
    rows : tuple of Body
    used : list of Body, the rows that are somebody, in order
    anatomy : Anatomy
    """

    def __init__(self, capacity, skeleton):
        self.anatomy = Anatomy(skeleton)
        self._newest = self._n_begun = 0
        self.rows, self.used = tuple(Body(place, self.anatomy) for place in range(capacity)), []

    def update(self, poses, turned_id, clock):
        """Take over the tracked poses of a frame: those of known tracks first, so that nobody new takes their row.

        `turned_id`: int, the track whose pose only a turned picture shows, or -1.
        """
        for body in self.used:
            body.is_here = False
        for is_known in (True, False):
            for person in range(poses.n):
                self._take(poses, person, is_known, turned_id, clock)
        self._list_used()
        for body in self.used:
            if body.is_here:
                body.falling.see(body, clock.now_ns)
            else:
                body.falling.miss(body.is_cut_off, clock.now_ns)

    def _take(self, poses, person, is_known, turned_id, clock):
        track_id = int(poses.track_ids[person])
        body = self.find(track_id) if track_id >= 0 else None
        if track_id < 0 or is_known != (body is not None):
            return
        body = body or self._row_for(track_id, poses, person, clock.now_ns)
        if body is not None and not body.is_here:
            body.see(poses, person, track_id == turned_id, clock)

    def free(self, body):
        """Give up a row."""
        body.clear()
        self._list_used()

    def _list_used(self):
        self.used.clear()
        for body in self.rows:
            if body.track_id >= 0:
                self.used.append(body)

    def is_gone(self, body, now_ns):
        """Whether a body that is out of sight has been for too long."""
        return body.unseen_ns(now_ns) > (DOWN_GRACE_NS if body.falling.is_down else GRACE_NS)

    def find(self, track_id):
        """The Body of a track, or None."""
        for body in self.rows:
            if body.track_id == track_id:
                return body
        return None

    def _row_for(self, track_id, poses, person, now_ns):
        """The row of a body that a new track goes on with, else a free one; None where there is none."""
        again = self._adopted(poses, person, now_ns)
        if again is not None:
            again.track_id = track_id
            return again
        body = self.find(-1)
        if body is not None:
            body.begin(self._new_key(track_id), track_id, now_ns)
        return body

    def _new_key(self, track_id):
        """A track may come back after another one has taken its body over: then it is somebody else."""
        self._n_begun, is_new = self._n_begun + 1, track_id > self._newest
        self._newest = max(self._newest, track_id)
        return str(track_id) if is_new else f"{track_id}.{self._n_begun}"

    def _adopted(self, poses, person, now_ns):
        """The nearest body out of sight that a new track may be, or None."""
        x, y, width, height = poses.boxes_q4[person].tolist()
        best, best_square = None, 0
        for body in self.used:
            if not body.is_here and body.unseen_ns(now_ns) >= ADOPT_AFTER_NS:
                square = _square_between(body.posture.box, (x, y, width, height))
                if 4 * 10_000 * square <= (2 * ADOPT_PERCENT * body.stature_q4) ** 2 and (
                        best is None or square < best_square):
                    best, best_square = body, square
        return best


def _square_between(a, b):
    """Squared distance of two boxes' middles."""
    dx, dy = (2 * a[0] + a[2] - 2 * b[0] - b[2]) // 2, (2 * a[1] + a[3] - 2 * b[1] - b[3]) // 2
    return dx * dx + dy * dy
