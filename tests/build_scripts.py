"""The scripts of ports/build, as modules."""

import importlib
import sys

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "ports" / "build"


def load(name):
    """A script by name; skips where this Python lacks what it needs."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        pytest.skip(f"ports/build/{name}.py: {error}", allow_module_level=True)
    finally:
        sys.path.remove(str(FOLDER))
