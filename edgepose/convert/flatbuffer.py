"""The flatbuffer wire format: tables, vectors and strings, written from the end to the front, and read.

Our own because a converted model is pinned by its hash, and the flatbuffers package lays the same tables out
differently from release to release. Source of the format: https://flatbuffers.dev/internals/
"""

import struct

NUMBERS = {"Bool": "<?", "Int8": "<b", "Uint8": "<B", "Int32": "<i", "Uint32": "<I"}
REFERENCE = "<I"
ENTRY = "<H"


class Builder:
    """Collects a flatbuffer's pieces; an offset counts bytes from the end of the file to the start of a piece."""

    def __init__(self):
        self._pieces, self._size, self._alignment, self._layouts = [], 0, 1, {}

    def table(self, fields):
        """Offset of a table.

        Parameters
        ----------
        fields : [(number, type, value, default)]; a type that is no number's refers to what was written before
        """
        end, places = self._size, {}
        for number, type, value, default in fields:
            if value == default:
                continue
            if type in NUMBERS:
                self._number(NUMBERS[type], value)
            else:
                self._refer(value)
            places[number] = self._size
        return self._lay_out(end, places)

    def vector(self, data, count, alignment):
        """Offset of a vector of numbers, given as bytes."""
        self._align(4, len(data))
        self._align(alignment, len(data))
        self._push(bytes(data))
        return self._number(REFERENCE, count)

    def tables(self, offsets):
        """Offset of a vector of tables."""
        self._align(4, 4 * len(offsets))
        for offset in reversed(offsets):
            self._refer(offset)
        return self._number(REFERENCE, len(offsets))

    def string(self, text):
        """Offset of a string."""
        data = text.encode()
        self._align(4, len(data) + 1)
        self._push(data + b"\0")
        return self._number(REFERENCE, len(data))

    def finish(self, root, identifier):
        """The whole file as bytes."""
        self._align(self._alignment, 4 + len(identifier))
        self._push(identifier)
        self._refer(root)
        return b"".join(reversed(self._pieces))

    def _lay_out(self, end, places):
        """Close a table: a reference to its layout, which tables of the same shape share."""
        self._number("<i", 0)
        start, mark = self._size, len(self._pieces) - 1
        entries = [start - places[n] if n in places else 0 for n in range(max(places, default=-1) + 1)]
        layout = struct.pack(f"<{len(entries) + 2}H", 2 * len(entries) + 4, start - end, *entries)
        if layout not in self._layouts:
            self._push(layout)
            self._layouts[layout] = self._size
        self._pieces[mark] = struct.pack("<i", self._layouts[layout] - start)
        return start

    def _number(self, format, value):
        self._align(struct.calcsize(format), 0)
        return self._push(struct.pack(format, value))

    def _refer(self, offset):
        self._align(4, 0)
        self._push(struct.pack(REFERENCE, self._size + 4 - offset))

    def _align(self, alignment, following):
        """Fill up so that a piece before `following` more bytes is aligned."""
        self._alignment = max(self._alignment, alignment)
        self._push(bytes(-(self._size + following) % alignment))

    def _push(self, data):
        self._pieces.append(data)
        self._size += len(data)
        return self._size


class Table:
    """A table at a place in bytes; fields that are not there are None. struct.error when the bytes end before it."""

    def __init__(self, data, place):
        self._data, self._place = data, place
        self._layout = place - self._unpack("<i", place)
        self._n_entries = (self._unpack(ENTRY, self._layout) - 4) // 2

    def number(self, number, type):
        """A field that is a number, of a type of NUMBERS."""
        place = self._find(number)
        return None if place is None else self._unpack(NUMBERS[type], place)

    def table(self, number):
        """A field that is a table."""
        place = self._target(number)
        return None if place is None else Table(self._data, place)

    def vector(self, number, item_bytes):
        """(place of the first item, number of items, the bytes of all) of a vector."""
        place = self._target(number)
        if place is None:
            return None
        count, start = self._unpack(REFERENCE, place), place + 4
        return start, count, self._data[start : start + count * item_bytes]

    def tables(self, number):
        """A field that is a vector of tables."""
        start, count, _ = self.vector(number, 4) or (0, 0, b"")
        places = range(start, start + 4 * count, 4)
        return [Table(self._data, place + self._unpack(REFERENCE, place)) for place in places]

    def _find(self, number):
        entry = self._unpack(ENTRY, self._layout + 4 + 2 * number) if number < self._n_entries else 0
        return self._place + entry if entry else None

    def _target(self, number):
        place = self._find(number)
        return None if place is None else place + self._unpack(REFERENCE, place)

    def _unpack(self, format, place):
        if place < 0:
            raise struct.error("a reference leads out of the file")
        return struct.unpack_from(format, self._data, place)[0]
