"""Whether a camera still sees what it is there to see: dark, covered, frozen, moved. Integers, twice a second.

It looks at the letterboxed input's green, summed over cells of 4 x 4 px. What the picture's background looks like is
learnt slowly, as the slope from each cell to the next across and down; slopes outlive clouds, lamps and people, and
those of a wall do not look like those of another. docs/daemon/cameras.md says where each number comes from.
"""

import numpy as np

CELL_PX = 4
LOOK_NS = 500_000_000  # between two looks
HOLD_NS = {None: 3_000_000_000, "dark": 5_000_000_000, "covered": 5_000_000_000, "moved": 10_000_000_000, "frozen": 0}
FROZEN_NS = 60_000_000_000  # without any change at all; key frames of slow streams come more often
DARK_LEVEL, LIT_PARTS = 32, 64  # dark: fewer than 1/64 of the cells are lighter than this
SLOPE = 8  # levels from a cell to the next that are an edge
COVERED_PARTS = 128  # covered: fewer than 1/128 of the slopes are edges
KNOWN_SLOPE = 10  # levels, of the learnt background; what people and trees smear is below
LEARN_LOOKS = 40  # until the background is known; from there on it follows by 2 levels a minute, to the median
LEAST_KNOWN_PARTS = 100  # with fewer than 1/100 of the slopes known, nobody can say whether the camera has moved
KEPT_PERCENT = 45  # moved: fewer of the known edges are where they were
ADOPT_NS = 600_000_000_000  # after that time, where it has moved to is where it is
_FINE = 64  # parts of a level in which the background is kept


class BlindWatch:
    """Says of each frame of a camera whether it is blind; `update` with every frame, also those of no news.

    Notes
    -----
    A verdict holds for seconds before it counts, and its end too, so that a lamp or a hand is none. Time is the
    frames' own. A look takes about 0.1 ms, the frames between cost nothing; nothing is allocated while the picture
    keeps its size (tests/steady/test_daemon_cameras.py).
    """

    def __init__(self):
        self.kind, self._inside, self._t_ns = None, None, None
        self._wanted, self._wanted_ns, self._still_ns = None, 0, None

    def update(self, slot):
        """None, "dark", "covered", "frozen" or "moved".

        Parameters
        ----------
        slot : Slot, filled by a letterbox; read during the call only
        """
        if self._t_ns is not None and 0 <= slot.t_ns - self._t_ns < LOOK_NS:
            return self.kind
        if slot.fit.inside != self._inside:
            self._begin(slot)
        self._t_ns = slot.t_ns
        self._read(slot.tensor)
        self._decide(self._verdict(slot.t_ns), slot.t_ns)
        return self.kind

    def _begin(self, slot):
        """Another size of the picture: nothing is known of it."""
        self._inside = slot.fit.inside
        left, right, top, bottom = slot.fit.inside
        rows, columns = max((bottom - top) // CELL_PX, 2), max((right - left) // CELL_PX, 2)
        self._window = slice(top, top + rows * CELL_PX), slice(left, left + columns * CELL_PX), 1
        self._green = np.zeros((rows * CELL_PX, columns * CELL_PX), np.int16)
        self._strips = np.zeros((rows, columns * CELL_PX), np.int16)
        self._cells, self._before = np.zeros((2, rows, columns), np.int16)
        self._slopes = Slopes(rows, columns)
        self._still_ns, self._n_looks = None, 0

    def _read(self, tensor):
        """The mean level of each cell, from 0 to 255 * 16."""
        rows, columns = self._cells.shape
        self._cells, self._before = self._before, self._cells
        np.copyto(self._green, tensor[self._window])
        np.add.reduce(self._green.reshape(rows, CELL_PX, -1), axis=1, out=self._strips)
        np.add.reduce(self._strips.reshape(rows, columns, CELL_PX), axis=2, out=self._cells)
        self._slopes.read(self._cells)

    def _verdict(self, t_ns):
        """What this one look says."""
        if self._is_dark():
            return "dark"
        if self._is_frozen(t_ns):
            return "frozen"
        if self._slopes.n_edges * COVERED_PARTS < self._slopes.n:
            return "covered"
        return "moved" if self._slopes.are_elsewhere() else None

    def _is_dark(self):
        n_lit = np.count_nonzero(np.greater(self._cells, DARK_LEVEL * CELL_PX * CELL_PX, out=self._slopes.flags))
        return n_lit * LIT_PARTS < self._cells.size

    def _is_frozen(self, t_ns):
        changed = np.not_equal(self._cells, self._before, out=self._slopes.flags)
        if self._still_ns is None or t_ns < self._still_ns or changed.any():
            self._still_ns = t_ns
        return t_ns - self._still_ns >= FROZEN_NS

    def _decide(self, verdict, t_ns):
        """Take a verdict over once it has held for long enough, and learn the background where there is none."""
        if verdict != self._wanted or t_ns < self._wanted_ns:
            self._wanted, self._wanted_ns = verdict, t_ns
        held_ns = t_ns - self._wanted_ns
        if held_ns >= HOLD_NS[verdict]:
            self.kind = verdict
        if verdict is None:
            self._slopes.learn()
        elif verdict == "moved" and held_ns >= ADOPT_NS:
            self._slopes.forget()


class Slopes:
    """The slopes of a picture from cell to cell, and those of its background.

    Attributes
    ----------
    n, n_edges : int, slopes in all, and those that are edges
    flags : bool (rows, columns), for whoever needs some for a moment
    """

    def __init__(self, rows, columns):
        self.n, self.n_edges = 2 * rows * columns, 0
        self._now, self._known, self._step = np.zeros((3, 2, rows, columns), np.int16)
        self._size, self._weak = np.zeros((2, 2, rows, columns), np.int16)
        self._is_known, self._is_kept = np.zeros((2, 2, rows, columns), bool)
        self.flags = np.zeros((rows, columns), bool)
        self._n_learnt = 0

    def read(self, cells):
        """Take the slopes of a picture, int16 (rows, columns) of sums over 16 px; kept as levels."""
        across, down = self._now
        flat = cells.reshape(-1)  # NumPy takes buffers for pairs of columns
        np.subtract(flat[1:], flat[:-1], out=across.reshape(-1)[:-1])
        across[:, -1] = 0  # from a row's end to the next one's start
        np.subtract(cells[1:], cells[:-1], out=down[:-1])
        np.floor_divide(self._now, CELL_PX * CELL_PX, out=self._now)
        np.absolute(self._now, out=self._size)
        np.greater_equal(self._size, SLOPE, out=self._is_kept)
        self.n_edges = np.count_nonzero(self._is_kept)

    def learn(self):
        """Let the background follow: quickly until it is known, then slowly."""
        self._n_learnt += self._n_learnt < LEARN_LOOKS
        np.multiply(self._now, _FINE, out=self._step)
        np.subtract(self._step, self._known, out=self._step)
        if self._n_learnt < LEARN_LOOKS:
            np.floor_divide(self._step, self._n_learnt, out=self._step)
        else:
            np.sign(self._step, out=self._step)
        np.add(self._known, self._step, out=self._known)

    def forget(self):
        """Learn the background anew."""
        self._n_learnt = 0

    def are_elsewhere(self):
        """Whether the background's edges are no longer where they were; False while too little is known of it."""
        if self._n_learnt < LEARN_LOOKS:
            return False
        np.absolute(self._known, out=self._weak)
        np.greater_equal(self._weak, KNOWN_SLOPE * _FINE, out=self._is_known)
        n_known = np.count_nonzero(self._is_known)
        if n_known * LEAST_KNOWN_PARTS < self.n:
            return False
        return self._count_kept() * 100 < KEPT_PERCENT * n_known

    def _count_kept(self):
        """How many of the known edges the picture still has: of the same direction, and a quarter as steep or more."""
        np.multiply(self._now, _FINE // 2, out=self._step)
        np.multiply(np.sign(self._known, out=self._weak), self._step, out=self._step)  # along the known direction
        np.absolute(self._known, out=self._weak)
        np.floor_divide(self._weak, 8, out=self._weak)  # of half a level's parts, a quarter of the slope
        np.greater_equal(self._step, self._weak, out=self._is_kept)
        np.logical_and(self._is_kept, self._is_known, out=self._is_kept)
        return np.count_nonzero(self._is_kept)
