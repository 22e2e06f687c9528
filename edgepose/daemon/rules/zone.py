"""Zones of a camera: where they lie in its picture, and how tall people stand in them."""

from edgepose.daemon.rules.geometry import place_points, shape_of
from edgepose.errors import ConfigError


class Zone:
    """A polygon, or a line, in a picture whose size comes with the first frame.

    Parameters
    ----------
    settings : ZoneSettings

    Attributes
    ----------
    name : str
    is_line : bool
    has_scale : bool, it knows how tall an adult stands in it
    shape : Polygon or Line, after `fit`
    """

    def __init__(self, settings):
        if len(settings.points) < 2:
            raise ConfigError(f"zone {settings.name}: {len(settings.points)} points; a line takes two, a polygon three"
                              " or more")
        self.name, self._points, self.shape = settings.name, settings.points, None
        self.is_line = len(settings.points) == 2
        self._near, self._far = settings.body_near, settings.body_far
        self.has_scale = self._near is not None and self._far is not None
        self._near_y = self._far_y = self._near_q4 = self._far_q4 = 0

    def fit(self, width, height):
        """Place it in a picture of this size, px."""
        points = place_points(self._points, width, height)
        self.shape = shape_of(points)
        self._far_y, self._near_y = min(y for _, y in points), max(y for _, y in points)
        if self.has_scale:
            self._near_q4, self._far_q4 = (round(part * height * 16) for part in (self._near, self._far))

    def contains(self, x, y):
        """Whether a place, 1/16 px, lies in it."""
        return self.shape.contains(x, y)

    def is_near(self, x, y, reach):
        """Whether a place is at most `reach`, 1/16 px, away from its edge."""
        return self.shape.is_near(x, y, reach)

    def adult_q4(self, y):
        """How tall an adult stands whose feet are at y, both 1/16 px; beyond the zone the scale goes on."""
        depth = max(self._near_y - self._far_y, 1)
        scaled = self._far_q4 + (self._near_q4 - self._far_q4) * (y - self._far_y) // depth
        return max(scaled, min(self._near_q4, self._far_q4) // 4, 1)


def find_zones(names, zones, rule):
    """The Zones of some names; ConfigError for a name that there is not."""
    missing = [name for name in names if name not in zones]
    if missing:
        raise ConfigError(f"rule {rule}: zone {missing[0]!r} is not known; one of {', '.join(zones) or 'none at all'}")
    return tuple(zones[name] for name in names)
