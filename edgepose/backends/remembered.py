"""Measured times of backends in the user's cache, each with all that it depends on."""

import hashlib
import importlib.metadata
import json
from dataclasses import asdict, dataclass

import edgepose
from edgepose import backends, cache, machine

SCHEMA = "edgepose.choice/1"
#: What a measurement depends on, as `describe` gives it.
CONDITIONS = {"model": str, "sha256": list, "settings": dict, "machine": str, "cores": int, "edgepose": str,
              "packages": dict}


@dataclass(frozen=True)
class Choice:
    """What was measured, and under which conditions.

    Attributes
    ----------
    conditions : dict, from `describe`
    times_ms : {backend: median of a frame, ms}, in order of preference; at least one
    refused : {backend: why it dropped out}
    measured : str, date
    """

    conditions: dict
    times_ms: dict
    refused: dict
    measured: str

    @property
    def backend(self):
        """The fastest; the preferred one of two that are equal."""
        return min(self.times_ms, key=self.times_ms.get)

    def sentence(self):
        """What was chosen and why, in one line."""
        best = self.backend
        others = [f"{name}'s {ms:.1f} ms" for name, ms in self.times_ms.items() if name != best]
        against = f" against {' and '.join(others)}" if others else ""
        dropped = "".join(f"; {name} dropped out: {reason}" for name, reason in self.refused.items())
        return (f"backend {best}: {self.times_ms[best]:.1f} ms a frame{against}, measured {self.measured}{dropped};"
                " edgepose doctor has the table")

    def holds(self):
        """Whether this machine, its packages and edgepose are still those that were measured."""
        names = self.conditions["packages"]
        return self.conditions | _surroundings(names) == self.conditions


def describe(model, names, settings):
    """All that a measurement depends on, as JSON holds it."""
    about = {"model": model.name, "sha256": sorted(file.sha256 for file in model.files),
             "settings": {"threads": 1, **settings}}
    return about | _surroundings(names)


def recall(conditions):
    """The Choice that was made under just these conditions, or None."""
    try:
        choice = _read(_path(conditions))
    except OSError:
        return None
    return choice if choice and choice.conditions == conditions else None


def keep(choice):
    """Write a Choice for later starts; OSError where that cannot be."""
    cache.write(_path(choice.conditions), json.dumps({"schema": SCHEMA, **asdict(choice)}, indent=1).encode())


def all_choices():
    """Every sound Choice in the cache, whether it still holds or not, in the order of their files' names."""
    try:
        found = [_read(path) for path in sorted(_folder().glob("*.json"))]
    except OSError:
        return []
    return [choice for choice in found if choice]


def _surroundings(names):
    """What may change under a model: the machine, edgepose and the backends' packages."""
    return {"machine": machine.name(), "cores": machine.n_usable_cores(), "edgepose": edgepose.__version__,
            "packages": {name: _version(name) for name in names}}


def _version(name):
    """"package version" of the first package of a backend that is installed, and its drivers."""
    for _, package in backends.packages(name):
        try:
            return f"{package} {importlib.metadata.version(package)} {backends.drivers(name)}".strip()
        except importlib.metadata.PackageNotFoundError:
            continue
    return "unknown"


def _folder():
    return cache.folder() / "backends"


def _path(conditions):
    """One file for a model, its settings and a machine; what else changes makes it stale and is written over it."""
    place = [conditions["settings"], conditions["machine"], conditions["cores"]]
    key = hashlib.sha256(json.dumps(place, sort_keys=True).encode()).hexdigest()[:12]
    return _folder() / f"{conditions['model']}-{key}.json"


def _read(path):
    """The Choice in a file, or None where the file is missing, damaged or foreign."""
    try:
        found = json.loads(path.read_bytes())
        schema = found.pop("schema")
        choice = Choice(**found)
        return choice if schema == SCHEMA and _is_sound(choice) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _is_sound(choice):
    """Whether a Choice from a file can be worked with; a field of another type may raise instead."""
    packages, times = choice.conditions["packages"], choice.times_ms
    texts = choice.measured, *choice.refused.values(), *packages.values()
    return ({key: type(value) for key, value in choice.conditions.items()} == CONDITIONS
            and all(type(text) is str for text in texts)
            and set(times) <= set(packages) <= set(backends.AUTOMATIC)
            and bool(times) and all(0 < ms < 1e6 for ms in times.values()))
