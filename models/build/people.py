"""Find people in unlabelled pictures with the float network itself.

The result is a varied set of crops for calibration and comparison: no label is
read, and the same pictures give the same crops.
"""

import numpy as np
from crops import cut_square, read_image, square_around, to_image
from movenet import decode

MIN_SCORE = 0.3
MIN_KEYPOINTS = 8
MIN_SIDE_PX = 48
MAX_OVERLAP = 0.4
REFINEMENTS = 2
MARGINS = (1.25, 1.5)
TILE = 0.6


def find_people(network, paths):
    """Every person of the pictures: a list of (path, box), in order.

    Parameters
    ----------
    network : the float Network
    paths : of pictures
    """
    return [(path, box) for path in paths for box in person_boxes(network, read_image(path))]


def person_boxes(network, image):
    """Boxes (x, y, width, height) around the people of one picture, in pixels."""
    boxes = []
    for square in search_squares(image.shape[:2]):
        box = refine(network, image, square)
        if box is not None and all(overlap(box, other) < MAX_OVERLAP for other in boxes):
            boxes.append(box)
    return boxes


def search_squares(shape):
    """The whole picture as a square, then four overlapping tiles."""
    height, width = shape
    side = int(max(height, width) * TILE)
    corners = [(x, y) for y in (0, height - side) for x in (0, width - side)]
    return [whole_square(shape)] + [(x, y, side) for x, y in dict.fromkeys(corners)]


def whole_square(shape):
    """The smallest centred square that holds a picture of (height, width)."""
    height, width = shape
    return square_around((0, 0, width, height), margin=1)


def refine(network, image, square):
    """The box of the person that a square leads to, or None."""
    for _ in range(1 + REFINEMENTS):
        pose = to_image(decode(network.run(cut_square(image, square, network.size))), square, network.size)
        box = box_of(pose)
        if box is None:
            return None
        square = square_around(box)
    return box


def box_of(pose):
    """x, y, width, height around the visible keypoints; None if it is no person."""
    seen = pose[pose[:, 2] > MIN_SCORE, :2]
    if len(seen) < MIN_KEYPOINTS:
        return None
    low, high = seen.min(0), seen.max(0)
    return (*low, *(high - low)) if max(high - low) >= MIN_SIDE_PX else None


def overlap(a, b):
    """Intersection over union of two boxes."""
    low = np.maximum(a[:2], b[:2])
    high = np.minimum(np.add(a[:2], a[2:]), np.add(b[:2], b[2:]))
    shared = np.prod(np.maximum(high - low, 0))
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def person_crops(people, size, seed=0):
    """One crop a person, at a margin drawn between the two of `MARGINS`.

    Parameters
    ----------
    people : list of (path, box)
    size : px

    Returns
    -------
    uint8 (n, size, size, 3)
    """
    margins = np.random.default_rng(seed).uniform(*MARGINS, len(people))
    squares = [(path, square_around(box, margin)) for (path, box), margin in zip(people, margins)]
    return np.array([cut_square(read_image(path), square, size) for path, square in squares])


def whole_pictures(paths, size):
    """uint8 (n, size, size, 3): whole pictures, padded to a square."""
    return np.array([whole_picture(read_image(path), size) for path in paths])


def whole_picture(image, size):
    """One picture padded to a square at the network's size."""
    return cut_square(image, whole_square(image.shape[:2]), size)
