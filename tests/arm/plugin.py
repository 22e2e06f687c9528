"""A pytest plugin for emulated runs: fewer of hypothesis' examples, none of its deadlines."""

import hypothesis

N_EXAMPLES = 5


def pytest_configure():
    """What asks for no number of its own."""
    hypothesis.settings.register_profile("emulated", max_examples=N_EXAMPLES, deadline=None, database=None)
    hypothesis.settings.load_profile("emulated")


def pytest_collection_modifyitems(items):
    """What does: the least of both."""
    for item in items:
        test = getattr(item, "obj", None)
        if hypothesis.is_hypothesis_test(test):
            own = getattr(test, "_hypothesis_internal_use_settings", None) or hypothesis.settings.default
            test._hypothesis_internal_use_settings = hypothesis.settings(
                own, max_examples=min(N_EXAMPLES, own.max_examples), deadline=None, database=None)
