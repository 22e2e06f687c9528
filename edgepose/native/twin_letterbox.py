"""The letterbox in plain NumPy: the reference of letterbox.c, and its stand-in without a compiler.

Windows are rows of five integers (first, last, w_first, w_last, inverse): an output pixel covers the
samples first..last, the first and the last with a weight of 256ths, those in between whole, and inverse
is 2**31 over the sum of weights.
"""

import numpy as np

PACKED, GRAY, YUYV, NV12, YUV420P = range(5)


def letterbox_scratch_bytes(source_width, width, height):
    """The twin needs no scratch; one byte keeps callers alike."""
    return 1


def letterbox(tensor, scratch, planes, line_sizes, kind, width, height, colour, swap, origin, in_width, in_height,
              inside):
    """Write the part of a picture that a geometry shows into a model's input.

    Parameters
    ----------
    tensor : uint8 (in_height, in_width, 3), written inside `inside`
    planes, line_sizes : three buffers and three ints, those past the format's are ignored
    kind : int, PACKED to YUV420P
    colour : int32 (6,), see `edgepose.frame.COLOURS`
    swap : bool, reverse the order of the three channels
    origin : (x0, y0, scale), Q16.16: source px of the input's corner, source px per input px
    inside : (col0, col1, row0, row1), the input px that the picture covers
    """
    x0, y0, scale = origin
    col0, col1, row0, row1 = inside
    if col0 >= col1 or row0 >= row1:
        return
    spans = (x0, col0, col1, width), (y0, row0, row1, height)
    levels = [_part(*part, spans, scale) for part in _parts(planes, line_sizes, kind, width, height)]
    out = tensor.reshape(in_height, in_width, 3)[row0:row1, col0:col1]
    target = out[..., ::-1] if swap else out
    if kind in (PACKED, GRAY):
        target[...] = np.stack(levels * (3 // len(levels)), axis=-1)
    else:
        target[...] = _bgr(*levels, colour)


def letterbox_windows(out, start, stop, origin, scale, sub, n):
    """Write the windows of some output pixels over a line of samples.

    Parameters
    ----------
    out : int32 (5, outputs), written from start to stop
    start, stop : int, the output pixels
    origin, scale : int, Q16.16: source px of output pixel 0, source px per output pixel
    sub : int, log2 of the source px that a sample spans
    n : int, samples of the line
    """
    out[:, start:stop] = _windows(start, stop, origin, scale, sub, n).T


def _parts(planes, line_sizes, kind, width, height):
    """(samples (rows, columns), sub_x, sub_y) of each colour part."""
    half_width, half_height = (width + 1) // 2, (height + 1) // 2
    if kind == PACKED:
        rows = _rows(planes[0], line_sizes[0], height, width * 3)
        return [(rows[:, c::3], 0, 0) for c in range(3)]
    if kind == YUYV:
        rows = _rows(planes[0], line_sizes[0], height, half_width * 4)
        return [(rows[:, 0::2][:, :width], 0, 0), (rows[:, 1::4], 1, 0), (rows[:, 3::4], 1, 0)]
    luma = [(_rows(planes[0], line_sizes[0], height, width), 0, 0)]
    if kind == GRAY:
        return luma
    if kind == NV12:
        rows = _rows(planes[1], line_sizes[1], half_height, half_width * 2)
        return luma + [(rows[:, c::2], 1, 1) for c in range(2)]
    return luma + [(_rows(planes[i], line_sizes[i], half_height, half_width), 1, 1) for i in (1, 2)]


def _rows(plane, line_size, n_rows, row_bytes):
    """The picture in a plane as uint8 (n_rows, row_bytes), without copying."""
    flat = np.frombuffer(plane, np.uint8)
    return np.lib.stride_tricks.as_strided(flat, (n_rows, row_bytes), (line_size, 1), writeable=False)


def _part(samples, sub_x, sub_y, spans, scale):
    """uint8 (rows, columns): one colour part at the model's size."""
    (x0, col0, col1, width), (y0, row0, row1, height) = spans
    columns = _windows(col0, col1, x0, scale, sub_x, (width + sub_x) >> sub_x)
    rows = _windows(row0, row1, y0, scale, sub_y, (height + sub_y) >> sub_y)
    shift = sum_shift(scale >> sub_y)
    sums = np.stack([_sum_rows(samples, window, shift) for window in rows])
    return _settle(_sum_columns(sums, columns), columns[:, 4], rows[:, 4, None], shift)


def _windows(start, stop, origin, scale, sub, n):
    low = origin + np.arange(start, stop, dtype=np.int64) * scale
    if (scale >> sub) >= 65536:
        return _area(low >> (8 + sub), (low + scale) >> (8 + sub), n)
    return _between(((2 * low + scale) >> (9 + sub)) - 128, n)


def _area(low, high, n):
    """What lies between low and high (1/256 sample) of a line of n samples."""
    a, b = np.clip(low, 0, n << 8), np.clip(high, 0, n << 8)
    first, last = a >> 8, (b - 1) >> 8
    one = (b <= a) | (first == last)
    first = np.where(one, np.clip(first, 0, n - 1), first)
    return np.stack([first, np.where(one, first, last), np.where(one, 256, 256 - (a & 255)),
                     np.where(one, 0, ((b - 1) & 255) + 1), (1 << 31) // np.where(one, 256, b - a)], axis=1)


def _between(at, n):
    """The two samples around a position (1/256 sample, from the first sample's centre)."""
    at = np.clip(at, 0, (n - 1) << 8)
    first = at >> 8
    one = first == n - 1
    return np.stack([first, np.where(one, first, first + 1), np.where(one, 256, 256 - (at & 255)),
                     np.where(one, 0, at & 255), np.full_like(at, (1 << 31) // 256)], axis=1)


def sum_shift(scale):
    """Fraction bits that a sum of rows can carry in 16 bits; scale is Q16.16, rows per output row."""
    return next(shift for shift in (4, 3, 2, 1, 0) if shift == 0 or ((scale >> 16) + 3) * 255 << shift <= 65535)


def _sum_rows(samples, window, shift):
    first, last, w_first, w_last, _ = window
    half = 128 >> shift
    ends = sum((samples[row].astype(np.int64) * weight + half) >> (8 - shift)
               for row, weight in ((first, w_first), (last, w_last)))
    return ends + (samples[first + 1:last].sum(axis=0, dtype=np.int64) << shift)


def _sum_columns(sums, columns):
    first, last, w_first, w_last, _ = columns.T
    before = np.pad(np.cumsum(sums, axis=1), ((0, 0), (1, 0)))
    middle = np.where(last > first, before[:, last] - before[:, first + 1], 0)
    return sums[:, first] * w_first + (middle << 8) + sums[:, last] * w_last


def _settle(sums, inverse_x, inverse_y, shift):
    """Undo the weights, round, and saturate."""
    across = (sums * inverse_x) >> 15
    return np.minimum((across * inverse_y + (1 << (38 + shift))) >> (39 + shift), 255).astype(np.uint8)


def _bgr(y, u, v, colour):
    luma = (y.astype(np.int64) - colour[0]) * int(colour[1])
    u, v = u.astype(np.int64) - 128, v.astype(np.int64) - 128
    _, _, red_v, green_u, green_v, blue_u = (int(c) for c in colour)
    parts = luma + u * blue_u, luma - u * green_u - v * green_v, luma + v * red_v
    return np.clip((np.stack(parts, axis=-1) + 8192) >> 14, 0, 255).astype(np.uint8)
