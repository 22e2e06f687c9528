"""Draw training crops: people of the unlabelled pictures, shifted, lit and flipped."""

from functools import cache

import cv2
import numpy as np
from crops import cut_square, read_image, square_around

MARGINS = (1.1, 1.7)
SHIFT = 0.1
ANYWHERE = 0.15
GAIN = (0.6, 1.4)
TINT = (0.9, 1.1)
LIFT = (-25, 25)
GREY = 0.1
BLUR = 0.15


class Augmenter:
    """Random crops of people that were found in pictures.

    Parameters
    ----------
    people : list of (path, box)
    size : int, side of a crop in px
    seed : the same seed gives the same crops
    """

    def __init__(self, people, size, seed):
        self.people, self.size = people, size
        self.rng = np.random.default_rng(seed)

    def batch(self, count):
        """uint8 (count, size, size, 3), BGR."""
        return np.array([self.crop() for _ in range(count)])

    def crop(self):
        """One crop."""
        path, box = self.people[self.rng.integers(len(self.people))]
        image = cached_image(path)
        anywhere = self.rng.random() < ANYWHERE
        square = self.square_anywhere(image.shape) if anywhere else self.square_near(box)
        crop = self.light(cut_square(image, square, self.size))
        return crop[:, ::-1] if self.rng.random() < 0.5 else crop

    def square_near(self, box):
        """A square around a person, not quite centred."""
        left, top, side = square_around(box, self.rng.uniform(*MARGINS))
        x, y = np.clip(self.rng.normal(0, SHIFT, 2), -3 * SHIFT, 3 * SHIFT) * side
        return left + int(x), top + int(y), side

    def square_anywhere(self, shape):
        """A square somewhere in the picture, up to all of it."""
        height, width = shape[:2]
        side = int(max(height, width) * self.rng.uniform(0.4, 1))
        x, y = self.rng.uniform(0, 1, 2) * (width - side, height - side)
        return int(x), int(y), side

    def light(self, crop):
        """Change exposure and tint; now and then drop the colour or blur."""
        gain = self.rng.uniform(*GAIN) * self.rng.uniform(*TINT, 3)
        lit = np.clip(crop * gain + self.rng.uniform(*LIFT), 0, 255).astype(np.uint8)
        if self.rng.random() < GREY:
            lit = np.repeat(lit.mean(2, keepdims=True).astype(np.uint8), 3, 2)
        return cv2.GaussianBlur(lit, (3, 3), 0) if self.rng.random() < BLUR else lit


@cache
def cached_image(path):
    """A picture, read once."""
    return read_image(path)
