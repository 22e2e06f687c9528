"""A picture as a camera hands it out: planes with line sizes, a pixel format, a time."""

from dataclasses import dataclass

import numpy as np

from edgepose.errors import ConfigError

MAX_SIDE_PX = 16384  # keeps every coordinate of the letterbox inside Q16.16


@dataclass(frozen=True)
class PlaneLayout:
    """How one plane of a pixel format lies in memory."""

    n_bytes: int  # of one sample (yuyv422: of one pair of pixels)
    shift_x: int = 0  # log2 of the pixels that share a sample, across
    shift_y: int = 0  # and down

    def row_bytes(self, width):
        """Bytes of picture in one row; a line size is at least this."""
        return ((width + (1 << self.shift_x) - 1) >> self.shift_x) * self.n_bytes

    def n_rows(self, height):
        """Rows of the plane of a picture this high."""
        return (height + (1 << self.shift_y) - 1) >> self.shift_y


_CHROMA = PlaneLayout(1, 1, 1)

#: The planes of every pixel format that the letterbox reads.
FORMATS = {
    "bgr24": (PlaneLayout(3),),
    "rgb24": (PlaneLayout(3),),
    "gray8": (PlaneLayout(1),),
    "yuyv422": (PlaneLayout(4, 1, 0),),
    "nv12": (PlaneLayout(1), PlaneLayout(2, 1, 1)),
    "yuv420p": (PlaneLayout(1), _CHROMA, _CHROMA),
}


def _colour(kr, kb, full):
    """YUV to RGB as Q14 integers (luma offset, luma, R from V, G from U, G from V, B from U).

    Source: ITU-R BT.601-7 and BT.709-6, where R = Y + 2(1 - kr)V and B = Y + 2(1 - kb)U.
    """
    kg = 1 - kr - kb
    luma, chroma = (1, 255 / 256 * 256 / 255) if full else (255 / 219, 255 / 224)
    rv, bu = 2 * (1 - kr) * chroma, 2 * (1 - kb) * chroma
    factors = (luma, rv, bu * kb / kg, rv * kr / kg, bu)
    return np.array([0 if full else 16, *(round(f * 16384) for f in factors)], np.int32)


#: Colour matrices by name; "-full" means luma 0..255 as in JPEG, else 16..235.
COLOURS = {
    "bt601": _colour(0.299, 0.114, False),
    "bt601-full": _colour(0.299, 0.114, True),
    "bt709": _colour(0.2126, 0.0722, False),
    "bt709-full": _colour(0.2126, 0.0722, True),
}


class Frame:
    """One picture, lent by a source until its next `read`.

    Parameters
    ----------
    format : str, a key of `FORMATS`
    width, height : int, px
    planes : sequence of C-contiguous buffers of bytes, one per plane
    line_sizes : sequence of int, bytes from one row to the next; None for rows without gaps
    colour : str, a key of `COLOURS`; only read for YUV formats
    seq : int, number of the frame at its source, from 0
    t_ns : int, capture time, monotonic ns (files: presentation time)
    file : str or None, name of the picture within its directory

    Raises
    ------
    ConfigError : a format or colour that is not known, a size or a buffer that does not fit
    """

    __slots__ = ("colour", "file", "format", "height", "line_sizes", "planes", "seq", "t_ns", "width")

    def __init__(self, format, width, height, planes, line_sizes=None, colour="bt601", seq=0, t_ns=0, file=None):
        self.format, self.width, self.height, self.colour = format, width, height, colour
        self.seq, self.t_ns, self.file = seq, t_ns, file
        layouts = _layouts(format, width, height, colour)
        if line_sizes is None:
            line_sizes = [layout.row_bytes(width) for layout in layouts]
        self.planes, self.line_sizes = tuple(planes), tuple(line_sizes)
        self._check(layouts)

    @classmethod
    def from_array(cls, array, format="bgr24", **more):
        """Wrap an array without copying it where its rows are contiguous.

        Parameters
        ----------
        array : uint8; (H, W, 3) for bgr24 and rgb24, (H, W) for gray8, (H, W, 2) for yuyv422,
            (H * 3 / 2, W) for nv12 and yuv420p as OpenCV lays them out (even sizes only)
        """
        height, width = _array_size(array, format)
        flat = np.ascontiguousarray(array).reshape(-1)
        if format in ("nv12", "yuv420p"):
            luma, quarter = height * width, height * width // 4
            cuts = [luma] if format == "nv12" else [luma, luma + quarter]
            return cls(format, width, height, np.split(flat, cuts), **more)
        return cls(format, width, height, [flat], **more)

    def copy(self):
        """A Frame of the same content in memory of its own."""
        planes = [np.array(np.frombuffer(plane, np.uint8)) for plane in self.planes]
        return Frame(self.format, self.width, self.height, planes, self.line_sizes, self.colour, self.seq, self.t_ns,
                     self.file)

    def copy_from(self, other):
        """Become equal to another frame; of a `copy` only, whose memory is its own.

        Allocates nothing while format, size and line sizes stay the same.
        """
        if self._shape() != other._shape():
            self.format, self.width, self.height = other.format, other.width, other.height
            self.planes, self.line_sizes = other.copy().planes, other.line_sizes
        else:
            for own, plane in zip(self.planes, other.planes):
                own[:] = np.frombuffer(plane, np.uint8)
        self.colour, self.seq, self.t_ns, self.file = other.colour, other.seq, other.t_ns, other.file

    def _shape(self):
        return (self.format, self.width, self.height, self.line_sizes,
                *(memoryview(plane).nbytes for plane in self.planes))

    def _check(self, layouts):
        if not len(self.planes) == len(self.line_sizes) == len(layouts):
            raise ConfigError(f"{self.format} has {len(layouts)} planes, got {len(self.planes)} planes"
                              f" and {len(self.line_sizes)} line sizes")
        for i, (layout, plane, line_size) in enumerate(zip(layouts, self.planes, self.line_sizes)):
            row, rows = layout.row_bytes(self.width), layout.n_rows(self.height)
            size = memoryview(plane).nbytes
            if line_size < row or size < line_size * (rows - 1) + row:
                raise ConfigError(f"plane {i} of {self.format} {self.width}x{self.height}: {size} bytes at line"
                                  f" size {line_size} are too few for {rows} rows of {row} bytes")

    def __repr__(self):
        return f"<Frame {self.seq} {self.format} {self.width}x{self.height}>"


def copy_over(kept, frame):
    """A copy of a frame, in the memory of `kept`, an earlier copy, or in new memory where that is None."""
    if kept is None:
        return frame.copy()
    kept.copy_from(frame)
    return kept


def _layouts(format, width, height, colour):
    """The planes of a format, after checking what a caller may get wrong."""
    if format not in FORMATS:
        raise ConfigError(f"pixel format {format!r} is not known; one of {', '.join(FORMATS)}")
    if colour not in COLOURS:
        raise ConfigError(f"colour {colour!r} is not known; one of {', '.join(COLOURS)}")
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
        raise ConfigError(f"a frame of {width}x{height} px: each side must be 1 to {MAX_SIDE_PX}")
    return FORMATS[format]


def _array_size(array, format):
    """(height, width) of the picture in an array; ConfigError where shape or type do not fit."""
    if format not in FORMATS:
        raise ConfigError(f"pixel format {format!r} is not known; one of {', '.join(FORMATS)}")
    depth = {"bgr24": 3, "rgb24": 3, "yuyv422": 2}.get(format)
    planar = format in ("nv12", "yuv420p")
    shape = getattr(array, "shape", ())
    fits = len(shape) == (3 if depth else 2) and (not depth or shape[2] == depth) and 0 not in shape
    if not fits or getattr(array, "dtype", None) != np.uint8:
        raise ConfigError(f"an array of {getattr(array, 'dtype', type(array).__name__)} {shape} is no {format} picture;"
                          f" it takes uint8 (height, width{f', {depth}' if depth else ''})")
    if planar and (shape[0] % 3 or shape[1] % 2):
        raise ConfigError(f"an array of {shape} is no {format} picture: it takes (height * 3 / 2, width), both even")
    if format == "yuyv422" and shape[1] % 2:
        raise ConfigError(f"an array of {shape} is no yuyv422 picture: the width must be even")
    return (shape[0] * 2 // 3 if planar else shape[0]), shape[1]
