"""Whether a frame is worth the network: an integer difference to the last frame that was.

Cells of 8 x 8 px of the letterboxed input, three channels: 192 bytes. A cell has changed where 24 of them differ by
more than 16 levels from the frame that the network saw last, so that slow change adds up and noise does not. Eight
bytes are counted at once, in one uint64.
"""

import numpy as np

from edgepose.errors import ConfigError

CELL_PX = 8
LEAST_LEVELS, LEAST_BYTES = 16, 24
REFRESH_NS = 1_000_000_000  # the network sees a frame at least that often
MOVED_PERCENT = 8  # of the body's size, by an edge of a tracked person's box: the person moves
ALERT_NS = 1_000_000_000  # for how long somebody who moved keeps the gate open
MARGIN_PARTS = 4  # what moves that part of a body beside it belongs to the person
_ONES = 0x0101010101010101  # times this, the sum of a lane's bytes stands in its highest


class MotionGate:
    """Decides for each frame whether the network runs; what it saw last, and who moves, it remembers.

    Parameters
    ----------
    height, width : int, px, of the model's input, multiples of 8
    capacity : int, people whose movement is watched

    Attributes
    ----------
    n_open, n_shut : int, frames that went to the network, and that did not

    Raises
    ------
    ConfigError : a size that is no multiple of 8

    Notes
    -----
    A frame passes when it is the first, when a second has gone by since the last that did, when time goes backwards,
    when it lies elsewhere (another size or crop), while a tracked person moves, or when a cell has changed
    (tests/unit/test_gate.py). Allocates nothing (tests/steady/test_tracking.py).
    """

    def __init__(self, height, width, capacity=32):
        if height % CELL_PX or width % CELL_PX or min(height, width) < CELL_PX:
            raise ConfigError(f"a motion gate takes inputs whose sides are multiples of {CELL_PX} px,"
                              f" got {height}x{width}")
        self._last, self._high, self._low = np.zeros((3, height, width, 3), np.uint8)
        self._changed = np.zeros((height, width, 3), bool)
        lanes = self._changed.reshape(-1).view(np.uint64)
        self._rows = lanes.reshape(height // CELL_PX, CELL_PX, 3 * width // CELL_PX)
        self._strips = np.zeros((height // CELL_PX, 3 * width // CELL_PX), np.uint64)
        self._cells = np.zeros((height // CELL_PX, width // CELL_PX), np.uint64)
        self._moving = np.zeros(self._cells.shape, bool)
        self._ones, self._shift = np.uint64(_ONES), np.uint64(56)
        self._ids, self._boxes = [-1] * capacity, np.zeros((capacity, 4), np.int64)
        self._box, self._way, self._here = np.zeros(4, np.int64), np.zeros(4, np.int64), [False] * capacity
        self.n_open = self.n_shut = 0
        self.reset()

    def reset(self):
        """Forget what was seen: the next frame passes."""
        self._t_ns = self._alert_ns = self._place = None
        for slot in range(len(self._ids)):
            self._ids[slot] = -1

    def passes(self, slot):
        """Whether the network has to run on a slot; what passes is what the next ones are compared with.

        Parameters
        ----------
        slot : Slot, filled by the letterbox; read during the call only
        """
        self._count_changes(slot.tensor)
        if self._place != _place_of(slot):
            self._cells.fill(CELL_PX * CELL_PX * 3)  # it lies elsewhere: all of it is news
        is_open = self._is_due(slot) or self._is_alert(slot.t_ns) or int(self._cells.max()) >= LEAST_BYTES
        if is_open:
            np.copyto(self._last, slot.tensor)
            self._t_ns, self._place = slot.t_ns, _place_of(slot)
            self.n_open += 1
        else:
            self.n_shut += 1
        return is_open

    def _is_due(self, slot):
        return self._t_ns is None or not 0 <= slot.t_ns - self._t_ns < REFRESH_NS

    def _is_alert(self, t_ns):
        return self._alert_ns is not None and 0 <= t_ns - self._alert_ns <= ALERT_NS

    def _count_changes(self, tensor):
        """How many bytes of each cell differ from the last frame that passed."""
        high, cells = self._high, self._cells
        np.maximum(tensor, self._last, out=high)
        np.minimum(tensor, self._last, out=self._low)
        np.subtract(high, self._low, out=high)
        np.greater(high, LEAST_LEVELS, out=self._changed)
        np.add.reduce(self._rows, axis=1, out=self._strips)  # at most 8 in a byte
        np.add.reduce(self._strips.reshape(*cells.shape, 3), axis=2, out=cells)  # at most 24
        np.multiply(cells, self._ones, out=cells)
        np.right_shift(cells, self._shift, out=cells)  # at most 192

    def motion_beside(self, poses, slot):
        """Where the frame that passed last had changed, apart from the people who are known.

        Parameters
        ----------
        poses : PoseBatch, of the frame before
        slot : Slot that passed last

        Returns
        -------
        bool (rows, columns) of cells of 8 px, lent until the next call
        """
        np.greater_equal(self._cells, LEAST_BYTES, out=self._moving)
        for person in range(poses.n):
            x, y, width, height = poses.boxes_q4[person].tolist()
            margin = max(width, height) // MARGIN_PARTS
            left, top = cell_of(x - margin, y - margin, slot.fit)
            right, bottom = cell_of(x + width + margin, y + height + margin, slot.fit)
            self._moving[max(top, 0):max(bottom + 1, 0), max(left, 0):max(right + 1, 0)] = False
        return self._moving

    def watch(self, poses):
        """Learn who moves from the poses of a frame that passed.

        Parameters
        ----------
        poses : PoseBatch after the tracker; those without a `track_id` are not watched
        """
        self._free_places(poses)
        for person in range(poses.n):
            if poses.track_ids[person] >= 0:
                self._watch_one(poses, person, int(poses.track_ids[person]))

    def _free_places(self, poses):
        """Forget who is not in the frame; they are new when they come back."""
        for slot in range(len(self._ids)):
            self._here[slot] = False
        for person in range(poses.n):
            if poses.track_ids[person] in self._ids:
                self._here[self._ids.index(poses.track_ids[person])] = True
        for slot, is_here in enumerate(self._here):
            if not is_here:
                self._ids[slot] = -1

    def _watch_one(self, poses, person, track_id):
        box = self._box
        np.copyto(box, poses.boxes_q4[person])
        size = int(max(box[2], box[3], 1))
        box[2:] += box[:2]
        slot = self._slot_of(track_id)
        if slot < 0:
            self._alert_ns = poses.t_ns  # more people than can be watched: nobody is gated away
            return
        np.subtract(box, self._boxes[slot], out=self._way)
        np.absolute(self._way, out=self._way)
        if self._ids[slot] != track_id or int(self._way.max()) * 100 > MOVED_PERCENT * size:
            self._ids[slot], self._boxes[slot], self._alert_ns = track_id, box, poses.t_ns

    def _slot_of(self, track_id):
        """Where a person is watched, or a free place; -1 where there is none."""
        wanted = track_id if track_id in self._ids else -1
        return self._ids.index(wanted) if wanted in self._ids else -1


def cell_of(x_q4, y_q4, fit):
    """(column, row) of the cell that a place of the source picture, 1/16 px, lies in; outside of it they go on."""
    return (((x_q4 << 12) - fit.x0_q16) // (fit.scale_q16 * CELL_PX),
            ((y_q4 << 12) - fit.y0_q16) // (fit.scale_q16 * CELL_PX))


def _place_of(slot):
    """What must be the same for two tensors to be comparable."""
    fit = slot.fit
    return slot.width, slot.height, fit.x0_q16, fit.y0_q16, fit.scale_q16, fit.inside
