"""A pytest plugin for emulated runs: fewer of hypothesis' examples, none of its deadlines, none of the tests that
selection.toml leaves out."""

import hypothesis

from edgepose import board
from tests.arm import selection

N_EXAMPLES = 5


def pytest_configure():
    """What asks for no number of its own."""
    hypothesis.settings.register_profile("emulated", max_examples=N_EXAMPLES, deadline=None, database=None)
    hypothesis.settings.load_profile("emulated")


def pytest_collection_modifyitems(config, items):
    """Slow tests go; what asks for a number of examples gets the least of both."""
    parts = selection.excluded(board.machine_of())
    out = [item for item in items if any(part in item.nodeid for part in parts)]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]
    for item in items:
        test = getattr(item, "obj", None)
        if hypothesis.is_hypothesis_test(test):
            own = getattr(test, "_hypothesis_internal_use_settings", None) or hypothesis.settings.default
            test._hypothesis_internal_use_settings = hypothesis.settings(
                own, max_examples=min(N_EXAMPLES, own.max_examples), deadline=None, database=None)
