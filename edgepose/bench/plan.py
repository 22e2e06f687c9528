"""What is measured: cells, and the processes that measure each of them."""

import random
from dataclasses import asdict, dataclass, field
from pathlib import Path

CLIPS = tuple(str(Path(__file__).resolve().parent.parent / "clips" / name)
              for name in ("pedestrians.mp4", "nobody.mp4"))
MODES = ("closed", "paced", "cameras")


@dataclass(frozen=True)
class Cell:
    """One combination that is measured, and all that its numbers depend on but the machine.

    Attributes
    ----------
    sources : tuple of str, played in turn, each for the same share of the time
    model, backend : str
    threads : int, of the runtime
    settings : dict, what only some backends take, such as `precision`
    mode : "closed", as fast as it goes; "paced", at a camera's pace; "cameras", several of them
    fps : float, pace of each camera; None in a closed loop
    n_cameras : int
    track : bool, with the tracker and its crops, as `edgepose run` does for videos, but without its motion gate
    """

    sources: tuple
    model: str
    backend: str
    threads: int = 1
    settings: dict = field(default_factory=dict)
    mode: str = "closed"
    fps: float = None
    n_cameras: int = 1
    track: bool = False

    @property
    def name(self):
        """What a person calls the cell."""
        words = [self.model, self.backend, f"{self.threads} thread{'s' if self.threads > 1 else ''}"]
        words += ["tracked"] * self.track
        return ", ".join(words + [f"{name.replace('_', ' ')} {value}" for name, value in self.settings.items()])

    @property
    def source_names(self):
        """The sources as a person calls them, without folders."""
        return " + ".join(name if "://" in name else Path(name).name for name in self.sources)

    def key(self):
        """What two records must share for their cells to be the same: a dict of plain values."""
        return asdict(self) | {"sources": [Path(source).name for source in self.sources]}


@dataclass(frozen=True)
class Task:
    """What one process is told to do.

    Attributes
    ----------
    cell : Cell
    seconds, warm_up_s : float, how long it measures, and how long it runs before that
    cpus : tuple of int, cores that it is kept on; empty for all
    slow : {stage: fraction}, stages made slower on purpose, for proving that it is noticed
    profile_frames : int, profile the network over so many frames instead; 0 to measure the pipeline
    """

    cell: Cell
    seconds: float = 5.0
    warm_up_s: float = 1.0
    cpus: tuple = ()
    slow: dict = field(default_factory=dict)
    profile_frames: int = 0

    @classmethod
    def of(cls, table):
        """The task that `asdict` made a table of."""
        cell = Cell(**{**table["cell"], "sources": tuple(table["cell"]["sources"])})
        return cls(**{**table, "cell": cell, "cpus": tuple(table["cpus"])})


def order(cells, n_processes, seed):
    """[(cell's number, process's number), ...] in shuffled rounds, so that heat does not favour the first.

    Every cell comes once in each round; the same seed gives the same order.
    """
    shuffle, turns = random.Random(seed), []
    for process in range(n_processes):
        round = list(range(len(cells)))
        shuffle.shuffle(round)
        turns += [(cell, process) for cell in round]
    return turns
