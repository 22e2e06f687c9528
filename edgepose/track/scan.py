"""Where to look next for people whom nobody follows yet."""

from edgepose.track.gate import cell_of
from edgepose.track.regions import regions

WHOLE_NS = 300_000_000  # how often the whole picture is looked at while nobody is followed: who is lost is large there
_NEVER_NS = -(1 << 62)


class Scan:
    """Takes the parts of a picture in turn, those in which something moves before their time.

    Parameters
    ----------
    look : Look that finds several people, and what they are found with
    rest_ns : int, from one part to the next where nothing moves
    least_ns : int, the same where something moves outside of what is followed, or nobody is followed at all

    Attributes
    ----------
    look : Look
    n_new : list of int, people in each part at its last look whom nobody followed; written by whoever looks
    """

    def __init__(self, look, rest_ns, least_ns):
        self.look, self._rest_ns, self._least_ns = look, rest_ns, least_ns
        self._size, self._regions, self._windows, self._seen_ns, self.n_new = None, (), (), [], [0]
        self._t_ns = _NEVER_NS

    def next(self, slot, motion, is_urgent):
        """The number of the part to look at now, or -1.

        Parameters
        ----------
        slot : Slot of the ring, whose fit tells where the cells of `motion` lie
        motion : bool (rows, columns), cells of the gate in which something unknown moves; or None where no gate looks
        is_urgent : bool, nobody is followed
        """
        self._aim(slot)
        since_ns = slot.t_ns - self._t_ns
        if 0 <= since_ns < self._least_ns:
            return -1
        moving = self._oldest(motion) if motion is not None else -1
        if is_urgent and slot.t_ns - self._seen_ns[0] >= WHOLE_NS:
            return 0
        if moving >= 0 or is_urgent or not 0 <= since_ns < self._rest_ns:
            return moving if moving >= 0 else self._seen_ns.index(min(self._seen_ns))
        return -1

    @property
    def is_settled(self):
        """Whether every part has been looked at; not before there was a frame."""
        return bool(self._seen_ns) and min(self._seen_ns) > _NEVER_NS

    def is_late(self, t_ns):
        """Whether a part has been waiting for twice its time, so that it goes before people who are followed."""
        return t_ns - self._t_ns >= 2 * self._rest_ns

    def crop(self, region, t_ns):
        """The crop of a part that is looked at now."""
        self._seen_ns[region] = self._t_ns = t_ns
        return self._regions[region]

    def _oldest(self, motion):
        """Of the parts in which something moves the one that waited longest, else -1."""
        best = -1
        for region, (rows, columns) in enumerate(self._windows):
            if (best < 0 or self._seen_ns[region] < self._seen_ns[best]) and motion[rows, columns].any():
                best = region
        return best

    def _aim(self, slot):
        """Lay the parts out anew where the frame's size changes; where time goes backwards all are due."""
        if self._size != (slot.width, slot.height):
            size = self.look.model.input
            self._size = slot.width, slot.height
            self._regions = regions(self._size, (size.width, size.height))
            self._windows = [_window(crop, slot) for crop in self._regions]
            self._t_ns = _NEVER_NS
            self._seen_ns, self.n_new = [_NEVER_NS] * len(self._regions), [0] * len(self._regions)
        elif slot.t_ns < self._t_ns:
            self._t_ns = _NEVER_NS
            for region in range(len(self._seen_ns)):
                self._seen_ns[region] = _NEVER_NS


def _window(crop, slot):
    """(rows, columns), slices: the gate's cells that a crop covers."""
    if crop is None:
        return slice(None), slice(None)
    x, y, width, height = crop
    (left, top), (right, bottom) = cell_of(x, y, slot.fit), cell_of(x + width, y + height, slot.fit)
    return slice(max(top, 0), max(bottom + 1, 0)), slice(max(left, 0), max(right + 1, 0))
