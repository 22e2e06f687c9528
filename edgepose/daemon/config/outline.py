"""Whether corners go around a zone."""

_GRID = 1 << 24  # corners are compared on a grid as fine as that, so that nothing depends on rounding


def find_fault(points):
    """What keeps points from being a line of two or a polygon whose edges do not meet, in words; None if nothing does.

    Parameters
    ----------
    points : tuple of (x, y) floats, 0..1
    """
    corners = [(round(x * _GRID), round(y * _GRID)) for x, y in points]
    n = len(corners)
    for i in range(n if n > 2 else 1):
        if corners[i] == corners[(i + 1) % n]:
            return f"points {i + 1} and {(i + 1) % n + 1} are the same"
    return _find_crossing(corners) if n > 2 else None


def _find_crossing(corners):
    n = len(corners)
    edges = [(corners[i], corners[(i + 1) % n]) for i in range(n)]
    for i in range(n):
        if _turns_back(*edges[i], edges[(i + 1) % n][1]):
            return f"the edge behind point {(i + 1) % n + 1} goes back over the one before it"
        for j in range(i + 2, n - (i == 0)):
            if _meet(*edges[i], *edges[j]):
                return f"the edges behind points {i + 1} and {j + 1} cross"
    return None


def _side(a, b, p):
    """Positive where p is on one side of the line from a to b, negative on the other."""
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _turns_back(a, b, c):
    return _side(a, b, c) == 0 and (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0


def _meet(a, b, c, d):
    """Whether two edges have a point in common."""
    sides = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if (sides[0] > 0) != (sides[1] > 0) and (sides[2] > 0) != (sides[3] > 0) and 0 not in sides:
        return True
    return any(side == 0 and _is_within(*edge, point)
               for side, edge, point in zip(sides, ((a, b), (a, b), (c, d), (c, d)), (c, d, a, b)))


def _is_within(a, b, p):
    """Whether a point on the line through a and b is between them."""
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
