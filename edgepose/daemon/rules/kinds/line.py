"""Lines that people cross."""

from edgepose.daemon.rules.kinds.rule import Rule
from edgepose.daemon.rules.membership import REACH_PARTS
from edgepose.errors import ConfigError


class LineCrossing(Rule):
    """Somebody has crossed a line of two points, "in" or "out", and is well beyond it."""

    def __init__(self, settings, zones, skeleton, capacity, voice):
        super().__init__(settings, zones, skeleton, capacity, voice)
        if len(self.membership.zones) != 1 or not self.membership.zones[0].is_line:
            raise ConfigError(f"rule {settings.name}: kind line takes one zone, of two points")
        if not any(condition.has_place for condition in self.membership.conditions):
            raise ConfigError(f"rule {settings.name}: kind line takes keypoints that have a place, such as ankles")
        if settings.direction not in (None, "in", "out"):
            raise ConfigError(f"rule {settings.name}: direction {settings.direction!r}; it takes in or out")

    def update(self, bodies, now_ns):
        """A frame: who is well beyond the line, and was well before it, has crossed it."""
        for body in bodies.used:
            points = self.membership.points(body) if body.is_here and not body.is_reflection else ()
            if points:
                x, y = (sum(axis) // len(points) for axis in zip(*points))
                self._follow(body, self.stays[body.place], x, y)

    def _follow(self, body, stay, x, y):
        line = self.membership.zones[0].shape
        if line.is_near(x, y, max(body.posture.box[2], body.posture.box[3]) // REACH_PARTS):
            return
        side = 1 if line.side(x, y) > 0 else -1
        if stay.mark == -side and line.is_crossed((stay.x, stay.y), (x, y)):
            direction = "in" if side > 0 else "out"
            if self.settings.direction in (None, direction):
                self.tell(body, direction=direction)
        stay.mark, stay.x, stay.y = side, x, y
