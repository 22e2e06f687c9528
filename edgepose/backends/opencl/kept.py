"""What was measured before, in the user's cache, each file with all that it depends on."""

import hashlib
import json
from dataclasses import astuple

from edgepose import cache
from edgepose.backends.opencl.lower import Shape

SCHEMA = "edgepose.opencl/2"
DEVICE = "device"  # in the name of a file that is about no model


def recall(about, n):
    """[Shape] that were kept under just these conditions, or None.

    Parameters
    ----------
    about : dict of str; "model" names it, where it is about one
    n : int, Shapes there must be; whether they make sense is the caller's to check
    """
    found = _read(about)
    try:
        chosen = [Shape(*fields) for fields in found["shapes"]]
        sound = found["about"] == about and len(chosen) == n
    except (TypeError, KeyError):
        return None
    return chosen if sound else None


def keep(about, chosen):
    """Write Shapes for later starts; OSError where that cannot be."""
    content = {"schema": SCHEMA, "about": about, "shapes": [astuple(shape) for shape in chosen]}
    cache.write(_path(about), json.dumps(content).encode())


def tuned(package):
    """["model, threads n"] of a device for which a model's shapes are kept, for `edgepose doctor`."""
    try:
        paths = sorted((cache.folder() / "opencl").glob("*.json"))
    except OSError:
        return []
    abouts = [found["about"] for path in paths if (found := _parse(path))]
    return [f"{about['model']}, threads {about['threads']}" for about in abouts
            if isinstance(about, dict) and about.get("device") == package and {"model", "threads"} <= set(about)]


def _read(about):
    try:
        return _parse(_path(about))
    except OSError:  # no home, no cache
        return None


def _parse(path):
    """What a file holds, or None where it is missing, damaged or of another version."""
    try:
        found = json.loads(path.read_bytes())
        return found if found["schema"] == SCHEMA and "about" in found else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _path(about):
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
    return cache.folder() / "opencl" / f"{about.get('model', DEVICE)}-{key}.json"
