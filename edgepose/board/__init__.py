"""Boards: where edgepose runs. A `Board` is what is known beforehand, `Vitals` is what the machine tells now."""

import os
from functools import lru_cache
from pathlib import Path

from edgepose.board import detection
from edgepose.board.detection import machine_of, model_of
from edgepose.board.profile import Board, Camera, Cores, Defaults, Detect, Memory, Power, Thermal
from edgepose.board.tree import read_int, read_strings, read_text
from edgepose.board.vitals import Vitals, describe_flags, vcgencmd
from edgepose.errors import ConfigError

__all__ = ["Board", "Vitals", "describe_flags", "detect", "folders", "load", "machine_of", "model_of", "names",
           "read_int", "read_strings", "read_text", "vcgencmd"]

FILE = "board.toml"


def folders():
    """Where profiles are looked for, first hit wins: EDGEPOSE_PORTS, the package, the checkout around it."""
    package = Path(__file__).resolve().parent.parent
    own = [Path(os.environ["EDGEPOSE_PORTS"])] if os.environ.get("EDGEPOSE_PORTS") else []
    return own + [package / "ports", package.parent / "ports"]


def names():
    """Names of all profiles that are here, sorted."""
    return sorted(_files())


def _files():
    """{name: its profile}."""
    found = (path for folder in reversed(folders()) for path in folder.glob(f"*/{FILE}"))
    return {path.parent.name: path for path in found if path.is_file()}


def load(name):
    """The Board of a name; ConfigError where there is none, or with all that is wrong in its profile, a line each."""
    files = _files()
    if name not in files:
        raise ConfigError(f"board {name!r} is not known; it takes one of {', '.join(sorted(files))}")
    return _read(files[name])


def _read(path):
    about = path.stat()
    return _read_as_it_is(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _read_as_it_is(path, *_):
    """A profile, read once for as long as the file stays as it is."""
    from edgepose.board import reading

    return reading.read(path)


def detect(root="/"):
    """The Board that this is: its own profile, else the generic one of its architecture.

    Parameters
    ----------
    root : path below which `proc` lies; another than "/" for recorded trees

    Returns
    -------
    Board; one of an architecture that no profile is for is called "unknown", and takes nothing for granted

    Raises
    ------
    ConfigError : a profile is wrong
    """
    return detection.find(map(_read, _files().values()), root) or _unknown(machine_of(root))


def _unknown(machine):
    """A Board of which nothing is known; one thread, and whatever backend there is."""
    return Board("unknown", f"unknown board ({machine})", "unknown", Detect((machine,)), Cores(0, (), 1),
                 Defaults("movenet-lightning", "auto"), Power("none", 0, 0), Thermal("", 0, "none"),
                 Camera("/dev/video0", 640, 480, 10.0), Memory(400))
