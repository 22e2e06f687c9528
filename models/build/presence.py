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
from dataclasses import dataclass

import checkout  # noqa: F401
import numpy as np
from crops import data_dir, read_image
from expose import CONTEXTS
from eyes import Eyes
from manifest import put_presence
from recipes import RECIPES
from views import views

from edgepose.decoders.presence import logistic_table
from edgepose.native.twin_presence import read_sums

FOLDS = 6
RIDGE = 30.0
ROUNDS = 10
MIDDLE_SCORE = 0.5  # the score of the chosen logit, and so the threshold
ALLOWED = 0.05  # of held-out pictures without people, of either kind, above the middle of the score
WEIGHTS = {"alone": 1.5, "person": 1.0, "hard": 1.0, "person_changed": 0.7, "part": 1.0, "part_changed": 0.5,
           "whole": 0.5, "empty": 3.0, "empty_changed": 1.0, "empty_window": 0.5, "free": 3.0, "free_changed": 0.7}
NOBODY = ("empty", "empty_changed", "empty_window", "free", "free_changed")
TABLE = logistic_table()


@dataclass
class Reading:
    """Integer constants of `presence`."""

    weights: np.ndarray
    bias_q20: int

    def score(self, sums):
        """Presence, 0..65535, from channel sums."""
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
