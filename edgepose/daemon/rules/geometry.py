"""Polygons and lines in the picture, exact in integers: 1/16 px, no rounding after the corners have been placed."""


def place_points(points, width, height):
    """Corners given in parts of a picture, in 1/16 px of one.

    Parameters
    ----------
    points : tuple of (x, y) floats, 0..1
    width, height : int, px

    Returns
    -------
    tuple of (x, y) int, 1/16 px
    """
    return tuple((round(x * width * 16), round(y * height * 16)) for x, y in points)


def shape_of(points):
    """A Line of two points, a Polygon of more."""
    return Line(*points) if len(points) == 2 else Polygon(points)


class Polygon:
    """A polygon of any form; what it covers by the even-odd rule, its edge included.

    Parameters
    ----------
    points : tuple of (x, y) int, 1/16 px, three or more
    """

    def __init__(self, points):
        self.points = points
        self._edges = tuple(zip(points, points[1:] + points[:1]))

    def contains(self, x, y):
        """Whether a place lies in it, x and y int, 1/16 px."""
        is_inside = False
        for (ax, ay), (bx, by) in self._edges:
            side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            if side == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
                return True
            if (ay > y) != (by > y) and (side > 0) == (by > ay):
                is_inside = not is_inside
        return is_inside

    def is_near(self, x, y, reach):
        """Whether a place is at most `reach`, 1/16 px, away from its edge."""
        return any(_is_beside(x, y, a, b, reach) for a, b in self._edges)


class Line:
    """A line from one point to another; "in" is on the right hand of who walks along it, so below one that was drawn
    from left to right.

    Parameters
    ----------
    a, b : (x, y) int, 1/16 px
    """

    def __init__(self, a, b):
        self.points, self._a, self._b = (a, b), a, b

    def side(self, x, y):
        """Positive in, negative out, 0 on the line: int, the distance times the line's length."""
        (ax, ay), (bx, by) = self.points
        return (bx - ax) * (y - ay) - (by - ay) * (x - ax)

    def contains(self, x, y):
        """Whether a place lies on the "in" side or on the line, which goes on for ever."""
        return self.side(x, y) >= 0

    def is_near(self, x, y, reach):
        """Whether a place is at most `reach`, 1/16 px, away from the line, which goes on for ever."""
        (ax, ay), (bx, by) = self.points
        return self.side(x, y) ** 2 <= reach * reach * ((bx - ax) ** 2 + (by - ay) ** 2)

    def is_crossed(self, start, end):
        """Whether a way from one place to another meets the line between its points."""
        way = Line(start, end)
        return (self.side(*start) > 0) != (self.side(*end) > 0) and way.side(*self._a) * way.side(*self._b) <= 0


def _is_beside(x, y, a, b, reach):
    """Whether a place is at most `reach` away from the line between two points."""
    dx, dy, px, py = b[0] - a[0], b[1] - a[1], x - a[0], y - a[1]
    length, along = dx * dx + dy * dy, px * dx + py * dy
    if along <= 0:
        return px * px + py * py <= reach * reach
    if along >= length:
        return (x - b[0]) ** 2 + (y - b[1]) ** 2 <= reach * reach
    return (dx * py - dy * px) ** 2 <= reach * reach * length
