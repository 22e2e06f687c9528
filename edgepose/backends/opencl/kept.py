"""Shapes that were measured before, in the user's cache, each file with all that it depends on."""

import hashlib
import json
from dataclasses import astuple

from edgepose import cache
from edgepose.backends.opencl.lower import Shape

SCHEMA = "edgepose.opencl/1"


def recall(about, allowed, n):
    """[Shape of every layer] that was kept under just these conditions, or None.

    Parameters
    ----------
    about : dict of str
    allowed : set of Shape; a file with any other is not trusted
    n : int, layers
    """
    try:
        found = json.loads(_path(about).read_bytes())
        chosen = [Shape(*fields) for fields in found["shapes"]]
        sound = found["schema"] == SCHEMA and found["about"] == about and len(chosen) == n and set(chosen) <= allowed
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return chosen if sound else None


def keep(about, chosen):
    """Write Shapes for later starts; where that cannot be, every start measures."""
    content = {"schema": SCHEMA, "about": about, "shapes": [astuple(shape) for shape in chosen]}
    try:
        cache.write(_path(about), json.dumps(content).encode())
    except OSError:  # `edgepose doctor` tells of a cache that cannot be written
        pass


def _path(about):
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
    return cache.folder() / "opencl" / f"{about['model']}-{key}.json"
