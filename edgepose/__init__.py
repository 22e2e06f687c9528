"""edgepose: human pose on edge boards. Frames in, poses out as fixed-point integers, in fixed memory."""

import importlib

__version__ = "0.1.0"

_HOMES = {"PoseEstimator": "estimator", "Frame": "frame", "PoseBatch": "pose", "open_source": "sources",
          "EdgePoseError": "errors", "load_model": "model"}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name):
    """Load what is asked for, so that `import edgepose` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'edgepose' has no attribute {name!r}")
    home = importlib.import_module(f"edgepose.{_HOMES[name]}")
    return getattr(home, "load" if name == "load_model" else name)
