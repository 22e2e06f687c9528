"""Draws a human figure with Pillow, real enough for a pose network, and a backdrop for it."""

import math

import numpy as np
from PIL import Image, ImageDraw

_OVERSAMPLING = 2  # Pillow draws without smoothing
_MARGIN = 0.14  # body heights around the keypoints that the figure may reach
#: A round body lit from the upper left, from its dark edge to its light middle: width, brightness
_ROUND = ((1.0, 0.62), (0.86, 0.78), (0.68, 0.94), (0.42, 1.08))
_LIGHT = np.array((-0.35, -0.2))
_DOWN, _OUT = np.array((0.0, 1.0)), np.array((1.0, 0.0))


class Look:
    """Colours of skin, hair and clothes, RGB, drawn by lot."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.skin, self.hair = _one_of(rng, ((226, 178, 146), (72, 48, 30)), ((204, 148, 112), (22, 20, 24)),
                                       ((164, 112, 82), (24, 20, 20)), ((238, 196, 170), (150, 112, 64)))
        self.shirt = _one_of(rng, (176, 44, 40), (40, 88, 160), (52, 128, 84), (208, 176, 70))
        self.trousers = _one_of(rng, (44, 52, 80), (58, 56, 58), (116, 100, 78))
        self.shoes = _one_of(rng, (36, 30, 30), (210, 208, 204))


def _one_of(rng, *colours):
    return colours[rng.integers(len(colours))]


def draw_figure(image, xy, height_px, look):
    """Draw a figure over what is in a picture.

    Parameters
    ----------
    image : Pillow RGB image, written
    xy : float (17, 2), keypoints in COCO's order, px
    height_px : float, body height
    look : Look
    """
    margin = _MARGIN * height_px
    left, top = (max(0, math.floor(v)) for v in xy.min(0) - margin)
    right, bottom = (min(n, math.ceil(v)) for n, v in zip(image.size, xy.max(0) + margin))
    if right <= left or bottom <= top:
        return
    fine = image.crop((left, top, right, bottom))
    fine = fine.resize((fine.width * _OVERSAMPLING, fine.height * _OVERSAMPLING), Image.Resampling.NEAREST)
    _Brush(fine, (xy - (left, top)) * _OVERSAMPLING, height_px * _OVERSAMPLING, look).figure()
    image.paste(fine.reduce(_OVERSAMPLING), (left, top))


class _Brush:
    """Draws the parts of one figure; lengths are in body heights, points in px."""

    def __init__(self, image, xy, height_px, look):
        self.draw, self.xy, self.height, self.look = ImageDraw.Draw(image), xy, height_px, look

    def figure(self):
        """Everything, from the back to the front."""
        for side in (0, 1):
            self._leg(side)
        self._torso()
        self._neck()
        for side in (0, 1):
            self._arm(side)
        self._head()

    def _disc(self, at, rx, ry, colour):
        (x, y), rx, ry = at, rx * self.height, ry * self.height
        self.draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=colour)

    def _limb(self, points, radii, colour):
        """Rounded tubes through some points."""
        for width, brightness in _ROUND:
            shift = _LIGHT * (1 - width) * 2 * min(radii) * self.height
            tone = _shade(colour, brightness)
            for a, b, ra, rb in zip(points, points[1:], radii, radii[1:]):
                self._tube(a + shift, b + shift, ra * width, rb * width, tone)

    def _tube(self, a, b, ra, rb, colour):
        along = b - a
        side = np.array((-along[1], along[0])) / (math.hypot(*along) or 1.0) * self.height
        self._polygon((a + side * ra, b + side * rb, b - side * rb, a - side * ra), colour)
        self._disc(a, ra, ra, colour)
        self._disc(b, rb, rb, colour)

    def _polygon(self, corners, colour):
        self.draw.polygon([tuple(corner) for corner in corners], fill=colour)

    def _leg(self, side):
        hip, knee, ankle = self.xy[[11 + side, 13 + side, 15 + side]]
        toe = ankle + np.array(((0.022, -0.022)[side], 0.030)) * self.height
        self._limb((ankle, toe), (0.022, 0.026), self.look.shoes)
        self._limb((hip, knee, ankle), (0.062, 0.045, 0.028), self.look.trousers)

    def _arm(self, side):
        shoulder, elbow, wrist = self.xy[[5 + side, 7 + side, 9 + side]]
        hand = wrist + (wrist - elbow) * 0.45
        self._limb((shoulder, elbow, wrist, hand), (0.034, 0.028, 0.019, 0.017), self.look.skin)
        sleeve = shoulder + (elbow - shoulder) * 0.7
        self._limb((shoulder, sleeve), (0.040, 0.037), self.look.shirt)

    def _torso(self):
        for inset, brightness in ((0, 0.66), (0.02, 0.82), (0.045, 0.96), (0.075, 1.06)):
            self._polygon(self._trunk(inset), _shade(self.look.shirt, brightness))
        for start, end in (((0.15, 0.7), (0.45, 0.78)), ((0.85, 0.62), (0.6, 0.7)), ((0.25, 0.9), (0.75, 0.98)),
                           ((0.1, 0.2), (0.3, 0.28)), ((0.9, 0.22), (0.7, 0.3))):
            fold = [tuple(self._on_torso(*start)), tuple(self._on_torso(*end))]
            self.draw.line(fold, fill=_shade(self.look.shirt, 0.8), width=max(1, round(0.006 * self.height)))

    def _on_torso(self, across, down):
        """A point of the torso, from right (0) to left (1) and from shoulders to hips."""
        left, right, hip_left, hip_right = self.xy[[5, 6, 11, 12]]
        return (right + (left - right) * across) * (1 - down) + (hip_right + (hip_left - hip_right) * across) * down

    def _trunk(self, inset):
        """The outline of the trunk, drawn in by `inset` from both sides."""
        return self._flank(0, inset) + self._flank(1, inset)[::-1]

    def _flank(self, side, inset):
        """One half of the outline, from the collar down to the hem."""
        shoulder, other, hip = self.xy[[5 + side, 6 - side, 11 + side]]
        collar, waist = shoulder + (other - shoulder) * 0.22, shoulder + (hip - shoulder) * 0.65
        corners = ((collar, 0.0, -0.055), (shoulder, 0.022, -0.036), (shoulder, 0.014, 0.07), (waist, 0.040, 0.0),
                   (hip, 0.064, 0.035))
        outwards = (1, -1)[side]
        return [at + np.array(((out - inset) * outwards - inset * 0.25, drop)) * self.height
                for at, out, drop in corners]

    def _neck(self):
        base = self.xy[[5, 6]].mean(0) - _DOWN * 0.03 * self.height
        chin = self.xy[0] + _DOWN * 0.04 * self.height
        self._limb((base, chin), (0.034, 0.030), _shade(self.look.skin, 0.86))

    def _head(self):
        skin, hair, ears = self.look.skin, self.look.hair, self.xy[[3, 4]]
        middle = ears.mean(0)
        self._disc(self._above(middle, 0.022), 0.052, 0.058, hair)
        for ear in ears:
            self._disc(ear, 0.010, 0.017, _shade(skin, 0.8))
        self._disc(self._above(middle, -0.006), 0.044, 0.062, _shade(skin, 0.84))
        self._disc(self._above(middle, -0.004) - _OUT * 0.004 * self.height, 0.038, 0.056, skin)
        self._disc(self._above(middle, 0.050), 0.042, 0.026, hair)
        self._face()

    def _face(self):
        skin, nose = self.look.skin, self.xy[0]
        for eye in self.xy[[1, 2]]:
            self._disc(self._above(eye, 0.011), 0.012, 0.003, _shade(self.look.hair, 0.9))
            self._disc(eye, 0.010, 0.0055, (236, 232, 226))
            self._disc(eye, 0.005, 0.0055, (40, 32, 28))
        self._disc(nose, 0.009, 0.007, _shade(skin, 0.78))
        self._disc(self._above(nose, 0.009), 0.005, 0.012, _shade(skin, 1.06))
        self._disc(self._above(nose, -0.024), 0.017, 0.0045, (150, 70, 66))

    def _above(self, at, distance):
        return at - _DOWN * distance * self.height


def _shade(colour, brightness):
    return tuple(min(255, round(level * brightness)) for level in colour)


def draw_backdrop(width, height, seed):
    """A wall and the ground before it, both rough; a Pillow RGB image."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height)[:, None, None]
    wall, ground = (150, 148, 140) - 30 * rows, (84, 88, 76) + 40 * rows
    levels = np.where(rows < 0.72, wall, ground) + np.zeros((1, width, 1))
    for cell, strength in ((width // 4, 14), (width // 16, 9), (3, 6)):
        levels += strength * _roughness(rng, width, height, max(cell, 1))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def _roughness(rng, width, height, cell):
    """Smooth noise of deviation about 1, patches of `cell` px; float (height, width, 1)."""
    coarse = rng.standard_normal((height // cell + 2, width // cell + 2), np.float32)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))[..., None]
