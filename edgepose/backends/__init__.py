"""Backends: one inference runtime each, found by name and imported only when chosen."""

import importlib

from edgepose.errors import BackendUnavailable, ConfigError

BACKENDS = {
    "tflite": "edgepose.backends.tflite:TfliteBackend",
    "replay": "edgepose.backends.replay:ReplayBackend",
}
AUTOMATIC = ("tflite",)  # in order of preference


def create(name="auto", **options):
    """A backend by name; 'auto' takes the first that loads.

    Raises
    ------
    ConfigError : the name is not known
    BackendUnavailable : its package is missing or does not load; the text names the way out
    """
    if name == "auto":
        return _first_available(options)
    if name not in BACKENDS:
        raise ConfigError(f"backend {name!r} is not known; one of auto, {', '.join(BACKENDS)}")
    module, entry = BACKENDS[name].split(":")
    return getattr(importlib.import_module(module), entry)(**options)


def _first_available(options):
    reasons = []
    for name in AUTOMATIC:
        try:
            return create(name, **options)
        except BackendUnavailable as error:
            reasons.append(str(error))
    raise BackendUnavailable("; ".join(reasons))
