"""edgepose: human pose on edge boards. Frames in, poses out as fixed-point integers, in fixed memory."""

import importlib
import sys

__version__ = "0.1.0"
#: The first and the last Python that edgepose runs on, and the same for people.
OLDEST_PYTHON, NEWEST_PYTHON = (3, 10), (3, 13)
PYTHONS = " to ".join("{}.{}".format(*version) for version in (OLDEST_PYTHON, NEWEST_PYTHON))
_OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
#: One line where edgepose does not run on this Python, else "". What the command imports before it says so keeps to
#: what older Pythons can read, and needs no other package.
WRONG_PYTHON = "" if OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON else (
    f"edgepose {__version__} runs on Python {PYTHONS}, and this is {_OWN}; make its environment with one of those: "
    "python3.13 -m venv .venv")

_HOMES = {"PoseEstimator": "estimator", "Frame": "frame", "PoseBatch": "pose", "open_source": "sources",
          "EdgePoseError": "errors", "load_model": "model"}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name):
    """Load what is asked for, so that `import edgepose` costs nothing; ImportError where this Python will not do."""
    if name not in _HOMES:
        raise AttributeError(f"module 'edgepose' has no attribute {name!r}")
    if WRONG_PYTHON:
        raise ImportError(WRONG_PYTHON)
    home = importlib.import_module(f"edgepose.{_HOMES[name]}")
    return getattr(home, "load" if name == "load_model" else name)
