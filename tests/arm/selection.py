"""Which tests run under emulation, by selection.toml."""

from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

from edgepose import manifest

TESTS = Path(__file__).resolve().parent.parent
GROUPS = ("unit", "contract")


def excluded(machine):
    """{part of a test's name: why it does not run} on an architecture, in the files that do."""
    rules = _rules()
    return rules["slow"] | rules.get(machine, {})


def choose():
    """(files, left_out): names below tests/ that run, and a Counter of reasons why others do not."""
    rules = _rules()
    files = [f"{group}/{path.name}" for group in GROUPS for path in sorted((TESTS / group).glob("test_*.py"))]
    chosen = [name for name in files if any(fnmatch(name, pattern) for pattern in rules["run"])]
    reasons = (_first(rules["left_out"], name) for name in files if name not in chosen)
    return chosen, Counter(reasons)


def _rules():
    return manifest.parse(Path(__file__).with_name("selection.toml")).values


def _first(reasons, name):
    return next(reason for pattern, reason in reasons.items() if fnmatch(name, pattern))
