"""Change a picture at random: mirror, turn, cut, other light, colour, sharpness, noise."""

import cv2
import numpy as np


def flipped(rng, image):
    """Mirrored, every other time."""
    return image[:, ::-1] if rng.random() < 0.5 else image


def turned(rng, image):
    """Turned by some degrees, its edges mirrored."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.normal(0, 5), 1)
    return cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101)


def window(rng, image, smallest):
    """A random window of the picture, as a picture of its own."""
    height, width = image.shape[:2]
    wide, high = (max(int(rng.uniform(smallest, 1) * side), min(side, 48)) for side in (width, height))
    x, y = int(rng.uniform(0, width - wide + 1)), int(rng.uniform(0, height - high + 1))
    return image[y : y + high, x : x + wide]


def cut(image, box):
    """The part of the picture under a box, at least one pixel of it."""
    x, y, width, height = (round(value) for value in box)
    top, left = min(max(y, 0), image.shape[0] - 1), min(max(x, 0), image.shape[1] - 1)
    return image[top : max(y + height, top + 1), left : max(x + width, left + 1)]


def changed(rng, image):
    """Other light, colour, sharpness, noise."""
    image = image.astype(np.float32)
    chance = rng.random(7)
    if chance[0] < 0.6:
        image = 255 * (image / 255) ** np.float32(np.exp(rng.normal(0, 0.35)))
    if chance[1] < 0.5:
        image = image * np.float32(np.exp(rng.normal(-0.1, 0.3))) + np.float32(rng.normal(0, 10))
    if chance[2] < 0.4:
        image = image * np.exp(rng.normal(0, 0.08, 3)).astype(np.float32)
    if chance[3] < 0.15:
        image = np.repeat(image.mean(2, keepdims=True), 3, 2)
    if chance[4] < 0.2:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 2.5))
    if chance[6] < 0.25:
        image = coarse(image, np.exp(rng.uniform(np.log(0.1), 0)))
    if chance[5] < 0.2:
        image = image + rng.normal(0, rng.uniform(3, 15), image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def coarse(image, share):
    """As if it were taken with so many pixels a side fewer."""
    height, width = image.shape[:2]
    size = max(round(width * share), 16), max(round(height * share), 16)
    return cv2.resize(cv2.resize(image, size, interpolation=cv2.INTER_AREA), (width, height))
