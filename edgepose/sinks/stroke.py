"""How thick to draw and how large to write on a picture of a size."""

import math
from functools import lru_cache

from PIL import ImageFont

from edgepose.errors import ConfigError


class Stroke:
    """How thick to draw on a picture of a size; all in px, not whole ones.

    Grows slower than the picture does: a person on a large picture seldom fills it.
    """

    def __init__(self, width, height):
        diagonal = math.hypot(width, height)
        self.line_px = max(1.25, 0.032 * diagonal ** 0.66)
        self.dot_px = 1.9 * self.line_px
        self.outline_px = max(0.75, 0.35 * self.line_px)
        self.margin_px = math.ceil(self.dot_px / 2 + self.outline_px + 1)
        self.zoom = 3 if self.line_px < 3 else 2  # thick strokes need less to look smooth
        #: line width, dot radius and outline on the layer, whole px of it
        self.zoomed = tuple(round(v * self.zoom) for v in (self.line_px, self.dot_px / 2, self.outline_px))
        self.text_px = max(9, round(0.5 * diagonal ** 0.5))

    @staticmethod
    @lru_cache(maxsize=4)
    def of(width, height):
        """The stroke for a picture's size, px."""
        return Stroke(width, height)

    @property
    def font(self):
        """Pillow's own scalable font at this size; before 10.1, which brought it, the system's."""
        return _font(self.text_px)


@lru_cache(maxsize=4)
def _font(size):
    try:
        return ImageFont.load_default(size)
    except TypeError:
        return _system_font(size)


def _system_font(size):
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size)
    except OSError as error:
        raise ConfigError("an overlay needs a font: apt install fonts-dejavu-core, or Pillow 10.1") from error
