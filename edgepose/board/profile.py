"""What is known of a board beforehand: the nouns of `ports/<board>/board.toml`, docs/boards.md."""

from dataclasses import dataclass

TIERS = ("board", "emulated", "expected")
FLAGS = ("firmware", "counters", "none")
MACHINES = ("aarch64", "armv7l", "x86_64")


@dataclass(frozen=True)
class Detect:
    """How a board is told from others.

    Attributes
    ----------
    machine : tuple of str, of MACHINES, architectures of user space that the profile is for
    model : tuple of str, shell patterns of the device tree's `model`
    compatible : tuple of str, entries of the device tree's `compatible`
    """

    machine: tuple
    model: tuple = ()
    compatible: tuple = ()


@dataclass(frozen=True)
class Cores:
    """`n` cores, 0 where that varies; `pin`: numbers of those that a process keeps to, () for all; `threads` of the
    network."""

    n: int
    pin: tuple
    threads: int


@dataclass(frozen=True)
class Defaults:
    """What runs where nobody says otherwise: names of a model and of a backend, which may be "auto"."""

    model: str
    backend: str


@dataclass(frozen=True)
class Power:
    """`sensor`: a driver of `edgepose.power`, or "none"; `supply_mv`, `supply_ma`: what the board needs, 0 where that
    does not matter."""

    sensor: str
    supply_mv: int
    supply_ma: int


@dataclass(frozen=True)
class Thermal:
    """`zone`: type of the CPU's thermal zone, "" where it varies; `throttle_mc`: from where on the clock is held back,
    m°C, 0 unknown; `flags`: one of FLAGS, who tells that it was."""

    zone: str
    throttle_mc: int
    flags: str


@dataclass(frozen=True)
class Camera:
    """The camera that comes with the board: `source` as `open_source` takes it; `width`, `height` px; `fps`."""

    source: str
    width: int
    height: int
    fps: float


@dataclass(frozen=True)
class Memory:
    """`budget_mb`: all that edgepose may take of this board's memory, MB."""

    budget_mb: int


@dataclass(frozen=True)
class Board:
    """Where edgepose runs, as far as that is known beforehand; what a machine tells of itself now is `Vitals`'.

    Attributes
    ----------
    name : str, its folder in ports/
    title : str, for people
    tier : str, how sure we are: one of TIERS, or "unknown" of a board that has no profile at all
    """

    name: str
    title: str
    tier: str
    detect: Detect
    cores: Cores
    defaults: Defaults
    power: Power
    thermal: Thermal
    camera: Camera
    memory: Memory

    @property
    def generic(self):
        """Whether it stands for all boards of an architecture that have no profile of their own."""
        return not (self.detect.model or self.detect.compatible)
