"""What `letterbox.cl` is told: where the planes of a picture stand, and which samples every input pixel covers."""

from typing import NamedTuple

import numpy as np

from edgepose import native
from edgepose.backends.opencl.arena import aligned
from edgepose.frame import COLOURS, FORMATS
from edgepose.native.twin_letterbox import sum_shift

#: int32 in this order; `canvas` makes these names of the C side. COLOUR has six, PLANES and PARTS three of each.
NUMBERS = ("FIRST_COLUMN", "FIRST_ROW", "COLUMNS", "ROWS", "AT", "ROW", "SIDE", "N_PARTS", "IS_YUV", "REVERSED")
PLANE_NUMBERS = ("PLANE_AT", "LINE", "SUMS_AT", "SUMS_ROW", "SHIFT", "DOWN", "FIRST_VECTOR", "N_VECTORS")
PART_NUMBERS = ("PLANE", "OFFSET", "STEP", "ACROSS")
COLOUR = len(NUMBERS)
PLANES = COLOUR + 6
PARTS = PLANES + 3 * len(PLANE_NUMBERS)
WINDOWS = PARTS + 3 * len(PART_NUMBERS)  # four sets: columns of samples that span 1 px and 2 px, rows likewise
VECTOR = 4  # bytes of a work-item that sums rows
SLACK = 16  # bytes behind a line that vectors read and write


class Part(NamedTuple):
    """One of the three colour parts of a pixel format; a sample spans `1 << sub_x` by `1 << sub_y` px."""

    plane: int
    offset: int  # bytes to the first sample
    step: int  # and from each to the next
    sub_x: int = 0
    sub_y: int = 0


_PACKED = Part(0, 0, 3), Part(0, 1, 3), Part(0, 2, 3)
PARTS_OF = {
    "bgr24": _PACKED,
    "rgb24": _PACKED,
    "gray8": (Part(0, 0, 1),),
    "yuyv422": (Part(0, 0, 2), Part(0, 1, 4, 1), Part(0, 3, 4, 1)),
    "nv12": (Part(0, 0, 1), Part(1, 0, 2, 1, 1), Part(1, 1, 2, 1, 1)),
    "yuv420p": (Part(0, 0, 1), Part(1, 0, 1, 1, 1), Part(2, 0, 1, 1, 1)),
}


class Rooms:
    """Where the planes of a frame stand side by side in one buffer, and the sums of their rows in another.

    Parameters
    ----------
    frame : Frame, of which format, width, line sizes and the planes' lengths count
    n_rows : int, most rows of sums

    Attributes
    ----------
    planes, sums : [first byte, first uint16] of every plane's
    sums_rows : [uint16 from one row of sums to the next]
    n_bytes, n_sums : int, of all
    """

    def __init__(self, frame, n_rows):
        self.planes, self.sums, self.sums_rows, self.n_bytes, self.n_sums = [], [], [], 0, 0
        for layout, plane in zip(FORMATS[frame.format], frame.planes):
            self.planes.append(self.n_bytes)
            self.n_bytes = aligned(self.n_bytes + memoryview(plane).nbytes + SLACK)
            self.sums.append(self.n_sums)
            self.sums_rows.append(aligned(layout.row_bytes(frame.width) + SLACK))
            self.n_sums += n_rows * self.sums_rows[-1]


class Sampling:
    """The numbers and windows of a frame and its fit, in one array that stays.

    Parameters
    ----------
    input : Input of the model
    at : int, first byte of the network's input in the arena

    Attributes
    ----------
    numbers : int32, what the kernels read
    columns, rows : int, input px that the picture covers
    n_vectors, n_planes : int, of the plane with the most
    """

    def __init__(self, input, at):
        self._input, self._at, self._side = input, at, max(input.height, input.width)
        self.numbers = np.zeros(WINDOWS + 4 * 5 * self._side, np.int32)
        self._windows = self.numbers[WINDOWS:].reshape(4, 5, self._side)
        self._planes = self.numbers[PLANES:PARTS].reshape(3, -1)
        self._parts = self.numbers[PARTS:WINDOWS].reshape(3, -1)
        self.columns = self.rows = self.n_vectors = self.n_planes = 0

    def set(self, frame, fit, rooms):
        """Work out everything for a frame that lies in `rooms`; nothing where the picture covers no pixel."""
        col0, col1, row0, row1 = fit.inside
        self.columns, self.rows = col1 - col0, row1 - row0
        if self.columns and self.rows:
            parts = PARTS_OF[frame.format]
            self._set_head(frame, fit, parts)
            for sub_x, sub_y in {part[3:] for part in parts}:
                self._set_windows(sub_x, col0, col1, fit.x0_q16, fit.scale_q16, sub_x, frame.width)
                self._set_windows(2 + sub_y, row0, row1, fit.y0_q16, fit.scale_q16, sub_y, frame.height)
            self._set_planes(frame, fit, rooms, parts)

    def _set_head(self, frame, fit, parts):
        is_yuv = parts[-1].sub_x  # all these formats share chroma between two pixels
        is_reversed = (frame.format == "rgb24") != (self._input.channels == "rgb")
        self.numbers[:COLOUR] = (fit.inside[0], fit.inside[2], self.columns, self.rows, self._at,
                                 3 * self._input.width, self._side, len(parts), is_yuv, is_reversed)
        self.numbers[COLOUR:PLANES] = COLOURS[frame.colour]

    def _set_windows(self, number, start, stop, origin, scale, sub, length):
        native.letterbox_windows(self._windows[number], start, stop, origin, scale, sub, (length + sub) >> sub)

    def _set_planes(self, frame, fit, rooms, parts):
        self.n_vectors, self.n_planes = 0, len(rooms.planes)
        for plane, line in enumerate(frame.line_sizes):
            own = [part for part in parts if part.plane == plane]
            first, past = self._span(own, fit.inside)
            shift = sum_shift(fit.scale_q16 >> own[0].sub_y)
            self._planes[plane] = (rooms.planes[plane], line, rooms.sums[plane], rooms.sums_rows[plane], shift,
                                   2 + own[0].sub_y, first, past - first)
            self.n_vectors = max(self.n_vectors, past - first)
        for number, part in enumerate(parts):
            self._parts[number] = part[:4]

    def _span(self, parts, inside):
        """(first, past the last) vector of a line that any of these parts needs."""
        first = min(int(self._windows[part.sub_x, 0, inside[0]]) * part.step for part in parts)
        past = max((int(self._windows[part.sub_x, 1, inside[1] - 1]) + 1) * part.step for part in parts)
        return first // VECTOR, -(-past // VECTOR)


def names():
    """{name on the C side: number}."""
    places = {"COLOUR": COLOUR, "PLANES": PLANES, "PARTS": PARTS, "WINDOWS": WINDOWS,
              "N_PLANE_NUMBERS": len(PLANE_NUMBERS), "N_PART_NUMBERS": len(PART_NUMBERS)}
    for group in (NUMBERS, PLANE_NUMBERS, PART_NUMBERS):
        places |= {name: place for place, name in enumerate(group)}
    return places
