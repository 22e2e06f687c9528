"""Draws a slot's frame into the network's input on the device, with the bits of `Letterbox`."""

import numpy as np

from edgepose.backends.opencl import programs
from edgepose.backends.opencl.sampling import Rooms, Sampling, names

GROUP = 64  # work-items of a work-group, all of one row
OTHER = 3  # number of the copy that is of no plane


class Canvas:
    """The network's input in the arena, and all that is needed to draw there.

    Parameters
    ----------
    cl : the module pyopencl
    queue : in-order cl.CommandQueue
    programs : Programs, which builds the kernels
    arena : cl.Buffer
    at : int, the input's first byte there; nothing else may write to the input
    input : Input of the model

    Notes
    -----
    Nothing waits: what a slot has must stay until the queue is through. Memory for a picture is allocated when its
    format, size or line sizes are new, windows are worked out and sent when its fit is, padding is painted when the
    covered part is. Events of copies are kept, because pyopencl waits for one that is let go.
    """

    def __init__(self, cl, queue, programs, arena, at, input):
        self._cl, self._queue, self._arena, self._at, self._input = cl, queue, arena, at, input
        self._sampling, self._pad = Sampling(input, at), np.array([input.pad], np.uint8)
        self._told = cl.Buffer(queue.context, cl.mem_flags.READ_ONLY, self._sampling.numbers.nbytes)
        program = programs.build(source(), "1.2", "the letterbox")
        self._sum_rows, self._place = cl.Kernel(program, "sum_rows"), cl.Kernel(program, "place")
        self._rooms = self._picture = self._sums = None
        self._shape = self._aimed = self._painted = None  # what memory, windows and padding were made for
        self._copies = [None] * (OTHER + 1)

    def show(self, slot):
        """Bring what a Slot has into the network's input."""
        if slot.raw:
            self.draw(slot.frame, slot.fit)
        else:
            self._painted = None
            self._copy(OTHER, self._arena, slot.tensor, self._at)

    def draw(self, frame, fit):
        """Scale, convert and place a Frame where a Fit says."""
        self._make_room(frame)
        self._aim(frame, fit)
        self._paint_padding(fit)
        if self._sampling.columns and self._sampling.rows:
            for number, plane in enumerate(frame.planes):
                self._copy(number, self._picture, plane, self._rooms.planes[number])
            self._launch()

    def _make_room(self, frame):
        shape = frame.format, frame.width, frame.height, frame.line_sizes, *map(len, frame.planes)
        if shape != self._shape:
            self._shape = self._aimed = None
            self._rooms = rooms = Rooms(frame, self._input.height)
            self._picture, self._sums = self._buffer(rooms.n_bytes), self._buffer(rooms.n_sums * 2)
            self._sum_rows.set_args(self._picture, self._told, self._sums)
            self._place.set_args(self._arena, self._told, self._sums)
            self._shape = shape

    def _aim(self, frame, fit):
        aimed = fit.x0_q16, fit.y0_q16, fit.scale_q16, fit.inside, frame.colour
        if aimed != self._aimed:
            self._sampling.set(frame, fit, self._rooms)
            self._copy(OTHER, self._told, self._sampling.numbers, 0)
            self._aimed = aimed

    def _paint_padding(self, fit):
        if fit.inside != self._painted:
            n_bytes = 3 * self._input.height * self._input.width
            self._cl.enqueue_fill_buffer(self._queue, self._arena, self._pad, self._at, n_bytes)
            self._painted = fit.inside

    def _launch(self):
        enqueue, s = self._cl.enqueue_nd_range_kernel, self._sampling
        group = GROUP, 1, 1
        enqueue(self._queue, self._sum_rows, (_groups(s.n_vectors), s.rows, s.n_planes), group)
        enqueue(self._queue, self._place, (_groups(s.columns), s.rows, 1), group)

    def _copy(self, number, buffer, array, at):
        self._copies[number] = self._cl.enqueue_copy(self._queue, buffer, array, dst_offset=at, is_blocking=False)

    def _buffer(self, n_bytes):
        return self._cl.Buffer(self._queue.context, self._cl.mem_flags.READ_WRITE, n_bytes)


def source():
    """The text of the program."""
    defines = "".join(f"#define {name} {number}\n" for name, number in names().items())
    return defines + (programs.FOLDER / "letterbox.cl").read_text()


def _groups(n):
    """Work-items for n of them, in whole groups."""
    return -(-n // GROUP) * GROUP
