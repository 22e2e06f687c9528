"""Pictures to learn presence from: windows of unlabelled pictures, and pictures without anybody, changed at random."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from crops import MARGIN, data_dir, read_image
from lighting import changed, cut, flipped, turned, window

WINDOWS = Path(__file__).with_name("presence_windows.csv")
WHOLE_FROM = 0.2  # smallest person, over the picture's longer side, for which the whole picture counts


@dataclass
class View:
    """One picture to learn from.

    kind : key of WEIGHTS
    group : str, the file it was cut from
    image : uint8 (height, width, 3), BGR
    box : (x, y, width, height) px of what is looked at, or None for the whole picture
    """

    kind: str
    group: str
    image: np.ndarray
    box: tuple = None


def views(rng):
    """Everything to learn from, in a fixed order."""
    folder = data_dir()
    for name, windows in read_windows().items():
        image = read_image(folder / "coco-unlabelled" / name)
        for kind, box in windows:
            yield from {"free": free_views, "part": part_views}.get(kind, person_views)(rng, image, name, kind, box)
        people = [box for kind, box in windows if kind in ("alone", "person")]
        if people and max(max(box[2:]) for box in people) >= WHOLE_FROM * max(image.shape):
            yield View("whole", name, image)
    for path in sorted((folder / "coco-negatives").glob("*.jpg")):
        yield from empty_views(rng, read_image(path), path.name)


def person_views(rng, image, name, kind, box):
    """A person, then twice at another place, size and light."""
    yield View(kind, name, image, box)
    for _ in range(2):
        x, y, width, height = box
        shift = rng.normal(0, 0.06, 2) * (width, height)
        grown = max(width, height) * (rng.uniform(1.05, 1.9) / MARGIN - 1)
        moved = (x + shift[0] - grown / 2, y + shift[1] - grown / 2, width + grown, height + grown)
        if rng.random() < 0.3:
            yield View("person_changed", name, changed(rng, cut(image, moved)))
        else:
            yield View("person_changed", name, changed(rng, image), moved)


def part_views(rng, image, name, kind, box):
    """A part of a person, then three times changed."""
    yield View(kind, name, image, box)
    x, y, width, height = box
    for _ in range(3):
        shift, share = rng.uniform(-0.15, 0.15, 2) * (width, height), rng.uniform(0.6, 1.2)
        moved = (x + shift[0] + width * (1 - share) / 2, y + shift[1] + height * (1 - share) / 2,
                 width * share, height * share)
        if rng.random() < 0.5:
            yield View("part_changed", name, changed(rng, image), moved)
        else:
            yield View("part_changed", name, changed(rng, flipped(rng, cut(image, moved))))


def free_views(rng, image, name, kind, box):
    """A window without anybody, as a picture of its own, then three times changed."""
    part = cut(image, box)
    yield View(kind, name, part)
    for _ in range(3):
        yield View("free_changed", name, changed(rng, window(rng, flipped(rng, part), 0.6)))


def empty_views(rng, image, name):
    """A picture without anybody, changed, and windows of it."""
    yield View("empty", name, image)
    for _ in range(20):
        yield View("empty_changed", name, changed(rng, turned(rng, flipped(rng, image))))
    for _ in range(50):
        yield View("empty_window", name, changed(rng, window(rng, flipped(rng, image), 0.3)))


def read_windows():
    """{file: [(kind, box)]} in the file's order."""
    found = {}
    with open(WINDOWS, newline="") as file:
        for row in csv.DictReader(file):
            box = tuple(int(row[key]) for key in ("x", "y", "width", "height"))
            found.setdefault(row["file"], []).append((row["kind"], box))
    return found
