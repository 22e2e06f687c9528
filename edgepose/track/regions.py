"""The parts of a picture in which people are looked for: all of it, and tiles that show more detail."""

ZOOM = 2  # a tile shows its part of the picture that many times as large as a look at the whole does
OVERLAP_PARTS = 4  # tiles share at least that part of a side, so that nobody is cut by all of them


def regions(frame_size, input_size):
    """The whole picture, then tiles that cover it, row by row.

    Parameters
    ----------
    frame_size, input_size : (width, height) int, px

    Returns
    -------
    tuple of crops as `Letterbox.write` takes them: None, then (x, y, width, height) int, 1/16 source px
    """
    sizes = _tile_size(frame_size, input_size)
    xs, ys = (_places(frame << 4, tile) for frame, tile in zip(frame_size, sizes))
    return None, *((x, y, *sizes) for y in ys for x in xs)


def _tile_size(frame_size, input_size):
    """(width, height), 1/16 px: of the input's shape, at the scale of the whole picture's look divided by the zoom."""
    frame, side = max(zip(frame_size, input_size), key=lambda pair: pair[0] / pair[1])
    return tuple(max((length * frame << 4) // (side * ZOOM), 16) for length in input_size)


def _places(length, tile):
    """Where tiles begin along one side, 1/16 px, evenly spread; one in the middle where it covers the side."""
    if tile >= length:
        return [(length - tile) // 2]
    shared = tile // OVERLAP_PARTS
    n = -(-(length - shared) // (tile - shared))
    return [(length - tile) * i // (n - 1) for i in range(n)]
