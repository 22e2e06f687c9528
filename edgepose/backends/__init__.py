"""Backends: one inference runtime each, found by name and imported only when chosen."""

import importlib
import importlib.util
import inspect

from edgepose.errors import BackendUnavailable, ConfigError

BACKENDS = {
    "tflite": "edgepose.backends.tflite:TfliteBackend",
    "openvino": "edgepose.backends.openvino:OpenvinoBackend",
    "opencl": "edgepose.backends.opencl:OpenclBackend",
    "replay": "edgepose.backends.replay:ReplayBackend",
}
AUTOMATIC = ("tflite", "openvino", "opencl")  # in order of preference where nothing is measured


def create(name="auto", model=None, report=None, **settings):
    """A backend by name; "auto" takes the fastest for a model, which is measured once on each machine.

    Parameters
    ----------
    name : str
    model : Model that it is for; without one, "auto" takes the first backend that loads
    report : callable of one line, told what "auto" chose and why; or None
    settings : what the backend's class takes; "auto" gives each backend those that it knows

    Raises
    ------
    ConfigError : the name is not known, or a setting is wrong or not the backend's
    BackendUnavailable : its package is missing or does not load; the text names the way out
    BackendError, ModelError : "auto" found none that opens the model
    """
    check(name, settings)
    if name != "auto":
        return find(name)(**settings)
    candidates = installed()
    if model is None or len(candidates) < 2:
        return _first_available(settings)
    from edgepose.backends import choice

    chosen = choice.choose(model, candidates, settings, report)
    return find(chosen)(**known_settings(chosen, settings))


def check(name, settings):
    """Raise ConfigError where a name is not known, or a setting is none of that backend's; loads no package."""
    candidates = (name,) if name != "auto" else installed() or AUTOMATIC
    taken = {setting for candidate in candidates for setting in known_settings(candidate, settings)}
    for setting in settings:
        if setting not in taken:
            takers = [other for other in BACKENDS if known_settings(other, {setting: None})]
            raise ConfigError(f"backend {name} takes no {setting.replace('_', ' ')};"
                              f" {' and '.join(takers) or 'no backend'} {'do' if len(takers) > 1 else 'does'}")


def installed():
    """Names of the backends that "auto" may take and whose package is there; nothing is loaded to find out."""
    return [name for name in AUTOMATIC if any(importlib.util.find_spec(module.partition(".")[0])
                                              for module, _ in packages(name))]


def packages(name):
    """((module, package), ...) that a backend runs on, in the order in which they are tried."""
    return importlib.import_module(BACKENDS[name].partition(":")[0]).PACKAGES


def drivers(name):
    """What else a backend runs on, as text: the machine's OpenCL drivers; nothing for most."""
    module = importlib.import_module(BACKENDS[name].partition(":")[0])
    return ", ".join(getattr(module, "registered_drivers", list)())


def find(name):
    """The class of a backend; ConfigError where the name is not known."""
    if name not in BACKENDS:
        raise ConfigError(f"backend {name!r} is not known; one of auto, {', '.join(BACKENDS)}")
    module, entry = BACKENDS[name].split(":")
    return getattr(importlib.import_module(module), entry)


def known_settings(name, settings):
    """Those of the settings that a backend's class takes."""
    taken = inspect.signature(find(name)).parameters
    return {setting: value for setting, value in settings.items() if setting in taken}


def _first_available(settings):
    reasons = []
    for name in AUTOMATIC:
        try:
            return find(name)(**known_settings(name, settings))
        except BackendUnavailable as error:
            reasons.append(str(error))
    raise BackendUnavailable("; ".join(reasons))
