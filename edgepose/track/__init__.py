"""People over time: who is who, where to look for them next, and whether a frame is worth a look at all.

Everything here is integers, takes its memory when it is made, and knows of no time but the frames' own `t_ns`.
`docs/tracking.md` tells how it fits together.
"""

import importlib

from edgepose.errors import ConfigError
from edgepose.track.options import Options

_HOMES = {"CropFollower": "follow", "MotionGate": "gate", "Smoother": "smooth", "Tracker": "tracker"}
__all__ = [*_HOMES, "Options", "open_pipeline", "wants_tracking"]


def __getattr__(name):
    """Load what is asked for, so that pictures do not wait for what they do not use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'edgepose.track' has no attribute {name!r}")
    return getattr(importlib.import_module(f"edgepose.track.{_HOMES[name]}"), name)


def open_pipeline(source, model, backend, decoder, options, make_backend, **more):
    """A TrackedPipeline, or a plain one where `options` is None; `more` as both take it."""
    if options is None:
        from edgepose.pipeline import Pipeline

        return Pipeline(source, model, backend, decoder, **more)
    from edgepose.track.pipeline import TrackedPipeline

    return TrackedPipeline(source, model, backend, decoder, options, make_backend, **more)


def wants_tracking(track, source):
    """Whether to track: as `track` says, of None all that has times. ConfigError where it is to be and cannot."""
    if track and not source.timed:
        raise ConfigError(f"track: {source.name} is pictures, which have no times; take a video, or leave it out")
    return source.timed if track is None else track
