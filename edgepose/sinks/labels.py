"""Text on overlays: a label for each person, a caption in the corner."""

import colorsys

from edgepose.sinks.stroke import Stroke

_DARK, _WHITE = (16, 16, 16, 168), (255, 255, 255)
_TURN = 0.618034  # of the colour circle from id to id, the golden section: neighbours differ, and none comes back soon


def track_colour(track_id):
    """(red, green, blue) of a track, the same as long as it lives; dark enough for white text."""
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(track_id * _TURN % 1, 0.85, 0.62))


class Plate:
    """White text on a dark or coloured plate, which reads on any background; `left` and `top` may be moved, px."""

    def __init__(self, stroke, left, top, text, colour=_DARK):
        self._stroke, self._text, self._colour, self.left, self.top = stroke, text, colour, left, top
        self.width, self.height = round(stroke.font.getlength(text) + 0.8 * stroke.text_px), round(1.3 * stroke.text_px)

    def overlaps(self, other):
        """Whether two plates share a pixel."""
        return (self.left < other.left + other.width and other.left < self.left + self.width
                and self.top < other.top + other.height and other.top < self.top + self.height)

    def keep_inside(self, width, height):
        """Move into a picture of that size, to whole px."""
        self.left = round(max(0, min(self.left, width - self.width)))
        self.top = round(max(0, min(self.top, height - self.height)))

    def draw(self, pen):
        """Draw with a Pillow pen in mode RGBA."""
        box = self.left, self.top, self.left + self.width - 1, self.top + self.height - 1
        pen.rounded_rectangle(box, 0.3 * self._stroke.text_px, self._colour)
        middle = self.left + self.width / 2, self.top + self.height / 2
        pen.text(middle, self._text, _WHITE, self._stroke.font, anchor="mm")


def label_plate(size, points, text, taken, colour=None):
    """Centred above the person's head, above labels that are there already, and within the picture."""
    stroke = Stroke.of(*size)
    xs, ys = zip(*points.values())
    hair = 0.08 * (max(ys) - min(ys))  # the highest keypoints are the eyes
    plate = Plate(stroke, 0, 0, text, colour or _DARK)
    plate.left, plate.top = (min(xs) + max(xs) - plate.width) / 2, min(ys) - hair - stroke.margin_px - plate.height
    plate.keep_inside(*size)
    for other in sorted(taken, key=lambda other: -other.top):
        if plate.overlaps(other):
            plate.top = other.top - plate.height - 1
    plate.keep_inside(*size)
    return plate


def caption_plate(size, text):
    """In the top left corner."""
    stroke = Stroke.of(*size)
    corner = round(0.4 * stroke.text_px)
    return Plate(stroke, corner, corner, text)
