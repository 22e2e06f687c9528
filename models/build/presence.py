"""Calibrate presence: whether anybody is in the picture, read from the trunk's coarse features.

    python models/build/presence.py movenet-lightning

build.py runs it for a new file. It writes the `[decode.presence]` block of the
manifest, then prints the rates on pictures that the calibration has not seen.

MoveNet always answers, and its heads tell people from things poorly. Three
layers of its trunk tell them well: their channels' sums over the picture, a
weight a channel and the logistic are enough.

It learns from `presence_windows.csv` (windows of coco-unlabelled: people as a
public detector found them, parts of these people, and places without anybody,
looked through by eye) and from coco-negatives. It reads coco-dev only to
measure what is finished.
"""

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from crops import data_dir, read_image
from expose import CONTEXTS
from manifest import put_presence
from recipes import RECIPES

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from edgepose.decoders.presence import logistic_table
from edgepose.frame import Frame
from edgepose.letterbox import Letterbox
from edgepose.native.twin_presence import read_sums
from edgepose.ring import Slot

WINDOWS = Path(__file__).with_name("presence_windows.csv")
MARGIN = 1.25
WHOLE_FROM = 0.2  # smallest person, over the picture's longer side, for which the whole picture counts
FOLDS = 6
RIDGE = 30.0
ROUNDS = 10
MIDDLE_SCORE = 0.5  # the score of the chosen logit, and so the threshold
ALLOWED = 0.05  # of held-out pictures without people, of either kind, above the middle of the score
WEIGHTS = {"alone": 1.5, "person": 1.0, "hard": 1.0, "person_changed": 0.7, "part": 1.0, "part_changed": 0.5,
           "whole": 0.5, "empty": 3.0, "empty_changed": 1.0, "empty_window": 0.5, "free": 3.0, "free_changed": 0.7}
NOBODY = ("empty", "empty_changed", "empty_window", "free", "free_changed")


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


TABLE = logistic_table()


class Eyes:
    """From a picture to the sums of the contexts' channels, through the runtime's own letterbox."""

    def __init__(self, content):
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_content=content, num_threads=1)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]["index"]
        size = int(self.interpreter.get_input_details()[0]["shape"][1])
        self.contexts = self._find()
        self.letterbox, self.slot = Letterbox(size, size), Slot(size, size)

    def _find(self):
        """Numbers of the context tensors."""
        index = {detail["name"]: detail["index"] for detail in self.interpreter.get_output_details()}
        lacking = [name for name in CONTEXTS if name not in index]
        if lacking:
            raise SystemExit(f"the model has no output {lacking[0]}; models/build/expose.py adds it")
        return [index[name] for name in CONTEXTS]

    def look(self, image, box=None):
        """int64 (C_0 + C_1 + ...,): channel sums of a picture, or of a square around a box of it."""
        self.letterbox.write(Frame.from_array(np.ascontiguousarray(image), "bgr24"), self.slot, box and square_q4(box))
        self.interpreter.set_tensor(self.input, self.slot.tensor[None])
        self.interpreter.invoke()
        contexts = [self.interpreter.get_tensor(index)[0] for index in self.contexts]
        return np.concatenate([context.sum((0, 1), dtype=np.int64) for context in contexts])


@dataclass
class Reading:
    """Integer constants of `presence`."""

    weights: np.ndarray
    bias_q20: int

    def score(self, sums):
        return read_sums(sums, self.weights, self.bias_q20, TABLE)


def main():
    """Calibrate the model that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=RECIPES)
    calibrate(RECIPES[parser.parse_args().model])


def calibrate(recipe):
    """Look, learn, write, print."""
    eyes = Eyes((recipe.folder / recipe.file).read_bytes())
    kinds, groups, sums = survey(eyes, np.random.default_rng(0))
    held_out = cross_validate(kinds, groups, sums)
    middle = threshold(kinds, held_out)
    reading = quantise(*fit(kinds, sums), middle)
    put_presence(recipe.folder / "manifest.toml", toml(reading), MIDDLE_SCORE)
    report("held out", kinds, held_out > middle)
    report("seen", kinds, np.array([reading.score(row) >= 32768 for row in sums]))
    measure(eyes, reading)


def survey(eyes, rng):
    """(kinds, groups, sums) of all views, streamed: no more than one picture is held."""
    kinds, groups, sums = [], [], []
    for view in views(rng):
        kinds.append(view.kind)
        groups.append(view.group)
        sums.append(eyes.look(view.image, view.box))
    return np.array(kinds), np.array(groups), np.array(sums)


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
    part = cut(image, box)
    yield View(kind, name, part)
    for _ in range(3):
        yield View("free_changed", name, changed(rng, window(rng, flipped(rng, part), 0.6)))


def empty_views(rng, image, name):
    yield View("empty", name, image)
    for _ in range(20):
        yield View("empty_changed", name, changed(rng, turned(rng, flipped(rng, image))))
    for _ in range(50):
        yield View("empty_window", name, changed(rng, window(rng, flipped(rng, image), 0.3)))


def flipped(rng, image):
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


def square_q4(box):
    """The square around a box, 1/16 px."""
    x, y, width, height = box
    side = MARGIN * max(width, height)
    return tuple(round(16 * value) for value in (x + width / 2 - side / 2, y + height / 2 - side / 2, side, side))


def read_windows():
    """{file: [(kind, box)]} in the file's order."""
    found = {}
    with open(WINDOWS, newline="") as file:
        for row in csv.DictReader(file):
            box = tuple(int(row[key]) for key in ("x", "y", "width", "height"))
            found.setdefault(row["file"], []).append((row["kind"], box))
    return found


def fit(kinds, sums):
    """(weights, bias) of the logit over sums: ridge logistic regression by Newton's method."""
    present = ~np.isin(kinds, NOBODY)
    trust = np.array([WEIGHTS[kind] for kind in kinds])
    trust = np.where(present, trust / trust[present].sum(), trust / trust[~present].sum()) * len(kinds) / 2
    mean, spread = np.average(sums, 0, trust), np.sqrt(np.average((sums - sums.mean(0)) ** 2, 0, trust)) + 1e-9
    x = np.column_stack([(sums - mean) / spread, np.ones(len(sums))])
    ridge = np.diag([RIDGE] * (x.shape[1] - 1) + [0.0])
    w = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-x @ w))
        slope = x.T @ (trust * (p - present)) + ridge @ w
        bend = (x * (trust * p * (1 - p))[:, None]).T @ x + ridge
        w -= np.linalg.solve(bend, slope)
    weights = w[:-1] / spread
    return weights, w[-1] - mean @ weights


def cross_validate(kinds, groups, sums):
    """Logits of every view by a reading that has not seen its picture."""
    names = np.unique(groups)
    fold_of = dict(zip(names, np.random.default_rng(1).permutation(len(names)) % FOLDS, strict=True))
    folds = np.array([fold_of[group] for group in groups])
    logits = np.zeros(len(kinds))
    for fold in range(FOLDS):
        weights, bias = fit(kinds[folds != fold], sums[folds != fold])
        logits[folds == fold] = sums[folds == fold] @ weights + bias
    return logits


def threshold(kinds, logits):
    """The smallest logit that at most ALLOWED of the empty pictures, and of the free windows, exceed."""
    sets = [np.sort(logits[kinds == kind])[::-1] for kind in ("empty", "free")]
    return max(float(found[int(ALLOWED * len(found))]) for found in sets)


def quantise(weights, bias, middle):
    """A Reading whose middle score, 0.5, lies at a logit."""
    return Reading(np.round(weights * (1 << 20)).astype(np.int32), round((bias - middle) * (1 << 20)))


def toml(reading):
    """The manifest's block."""
    rows = [", ".join(map(str, reading.weights[i : i + 16])) for i in range(0, len(reading.weights), 16)]
    names = ", ".join(f'"{name}"' for name in CONTEXTS)
    weights = ",\n    ".join(rows)
    return (f"[decode.presence]\ncontexts = [{names}]\nbias_q20 = {reading.bias_q20}\n"
            f"weights_q20 = [\n    {weights},\n]")


def report(title, kinds, found):
    """One line: the share of each kind that counts as somebody."""
    shares = (f"{kind} {found[kinds == kind].mean():.3f} ({(kinds == kind).sum()})" for kind in WEIGHTS)
    print(f"{title}:", ", ".join(shares), flush=True)


def measure(eyes, reading):
    """The rates that count, on coco-negatives (learned from) and coco-dev (never)."""
    from measure import PROTOCOL, load_truth, protocols

    folder, truth = data_dir(), load_truth()
    empty = [reading.score(eyes.look(read_image(path))) for path in sorted((folder / "coco-negatives").glob("*.jpg"))]
    print(f"coco-negatives: {sum(score >= 32768 for score in empty)} of {len(empty)} give a pose")
    crops, whole = [], []
    for picture in protocols.select(truth, PROTOCOL):
        image = read_image(folder / "coco-dev" / "images" / picture.file)
        crops.append(reading.score(eyes.look(image, truth.counted(picture.id)[0]["bbox"])))
        whole.append(reading.score(eyes.look(image)))
    for title, scores in (("crops", crops), ("whole pictures", whole)):
        print(f"coco-dev {title}: {sum(score >= 32768 for score in scores)} of {len(scores)} give a pose")


if __name__ == "__main__":
    main()
