"""Who is where in a video: ground truth in MOT format, of all frames or of some."""

import csv
from dataclasses import dataclass

import numpy as np

from edgepose.errors import ConfigError

_TAKES = "a line is frame,id,x,y,width,height,..., frames from 1, as MOTChallenge has it"


@dataclass(frozen=True)
class Marked:
    """The people of one frame.

    Attributes
    ----------
    ids : int64 (N,)
    boxes : float64 (N, 4), x, y, width, height, px
    """

    ids: np.ndarray
    boxes: np.ndarray


def read(path):
    """{frame from 0: Marked} of a file, frames in order; ConfigError that names file and line where it is not sound.

    People whose 7th column is 0 are left out, as MOTChallenge asks.
    """
    rows = {}
    try:
        with open(path, newline="", encoding="utf-8") as file:
            for number, line in enumerate(csv.reader(file), 1):
                if line and float(line[6] if len(line) > 6 else 1) != 0:
                    _add(rows, line, f"{path} line {number}")
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"{path}: cannot be read as ground truth: {error}; {_TAKES}") from error
    if not rows:
        raise ConfigError(f"{path}: nobody is marked in it; {_TAKES}")
    return {frame: Marked(np.array(list(people), np.int64), np.array(list(people.values())))
            for frame, people in sorted(rows.items())}


def _add(rows, line, where):
    try:
        frame, person = int(line[0]), int(line[1])
        box = [float(value) for value in line[2:6]]
    except ValueError:
        raise ConfigError(f"{where}: {','.join(line)[:60]!r} is no box; {_TAKES}") from None
    if frame < 1 or len(box) < 4 or not (np.isfinite(box).all() and box[2] > 0 and box[3] > 0):
        raise ConfigError(f"{where}: {','.join(line)[:60]!r} is no box; {_TAKES}")
    if person in rows.setdefault(frame - 1, {}):
        raise ConfigError(f"{where}: person {person} is in frame {frame} twice")
    rows[frame - 1][person] = box
