"""One arena for all values of a network: who stands where, and for how long."""

from dataclasses import dataclass, field

ALIGNMENT = 64
#: Vectors may read this far beyond a value, and what they find there is multiplied with 0.
SLACK = 64


@dataclass(eq=False)
class Room:
    """A stretch of the arena; `at` is set by `lay_out`. One that is `kept` is never shared with another."""

    n_bytes: int
    kept: bool = False
    fill: int | None = None
    at: int = 0
    first: int = 1 << 30
    last: int = -1


@dataclass(eq=False)
class Place:
    """A value in a room: the byte of (y, x, c) is `at + y * row + x * pixel + c`.

    Attributes
    ----------
    pixel, row : int, bytes from a pixel to the next and from a row to the next
    writable : int, channels that may be written, padding included
    border : (top, bottom, left, right) pixels around the value that hold its zero point, or None
    """

    room: Room
    height: int
    width: int
    channels: int
    pixel: int
    row: int
    writable: int
    offset: int = 0
    border: tuple | None = None

    @property
    def at(self):
        return self.room.at + self.offset

    @property
    def n_pixels(self):
        return self.height * self.width

    def slice(self, at, n):
        """Some channels of this value."""
        return Place(self.room, self.height, self.width, n, self.pixel, self.row, n, self.offset + at)

    def same_as(self, other):
        return (self.room, self.offset, self.channels) == (other.room, other.offset, other.channels)


@dataclass
class Arena:
    """Rooms of a network's values. A network's outputs stand side by side at the arena's end.

    Attributes
    ----------
    n_bytes : int, of the whole, once laid out
    outputs_at, outputs_n_bytes : int, where the outputs stand
    """

    rooms: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    n_bytes: int = 0
    outputs_at: int = 0

    def padded(self, shape):
        """A Place whose pixels start at multiples of 16 bytes, with room for whole vectors."""
        return self._place(shape, -(-shape[3] // 16) * 16)

    def dense(self, shape):
        """A Place without gaps."""
        return self._place(shape, shape[3])

    def output(self, shape):
        """The next of the network's outputs, without gaps."""
        place = self._place(shape, shape[3])
        place.room.kept = True
        self.rooms.remove(place.room)
        self.outputs.append(place.room)
        return place

    def bordered(self, tensor, border):
        """A dense Place with a border of its zero point, which is written once and stays."""
        _, height, width, channels = tensor.shape
        top, bottom, left, right = border
        row = (left + width + right) * channels
        room = self.constant((top + height + bottom) * row, tensor.zero_point)
        return Place(room, height, width, channels, channels, row, channels, top * row + left * channels, border)

    def constant(self, n_bytes, fill):
        """A Room that is filled once and stays."""
        self.rooms.append(Room(n_bytes, kept=True, fill=fill))
        return self.rooms[-1]

    @property
    def outputs_n_bytes(self):
        return sum(room.n_bytes for room in self.outputs)

    def lay_out(self, layers, input):
        """Give every room its place; two that are never needed at one time may share theirs."""
        self._note_lives(layers, input)
        placed = []
        for room in sorted(self.rooms, key=lambda room: -room.n_bytes):
            room.at = _first_gap(room, [other for other in placed if _meet(room, other)])
            placed.append(room)
        self.outputs_at = end = aligned(max((room.at + room.n_bytes for room in placed), default=0))
        for room in self.outputs:
            room.at, end = end, end + room.n_bytes
        self.n_bytes = end + SLACK

    def _note_lives(self, layers, input):
        input.room.first = -1  # it is written before the first layer
        for number, layer in enumerate(layers):
            for place in filter(None, (layer.x, layer.y, layer.other)):
                place.room.first = min(place.room.first, number)
                place.room.last = max(place.room.last, number)

    def _place(self, shape, pixel):
        _, height, width, channels = shape
        self.rooms.append(Room(height * width * pixel))
        return Place(self.rooms[-1], height, width, channels, pixel, width * pixel, pixel)


def _meet(a, b):
    return a.kept or b.kept or (a.first <= b.last and b.first <= a.last)


def _first_gap(room, others):
    """The lowest place at which a room overlaps none of the others."""
    at = 0
    for other in sorted(others, key=lambda other: other.at):
        if at + room.n_bytes <= other.at:
            break
        at = max(at, aligned(other.at + other.n_bytes))
    return at


def aligned(at):
    """The next place at which a value may begin."""
    return -(-at // ALIGNMENT) * ALIGNMENT
