"""The models, and what was measured of them."""

from edgepose.doctor.finding import fail, good


def examine_models(place):
    """The installed models, every file compared with its manifest."""
    from edgepose import model

    names = model.names()
    for name in names:
        for file in model.load(name).files:
            file.verify()
    return good(f"{', '.join(names)}: every file whole") if names else fail("none", "reinstall edgepose")


def examine_measured(place):
    """What `--backend auto` has measured and remembers; `times` has it all."""
    from edgepose.backends import remembered

    times = [{"model": choice.conditions["model"], "settings": choice.conditions["settings"],
              "backend": choice.backend, "times_ms": choice.times_ms, "refused": choice.refused,
              "packages": choice.conditions["packages"], "machine": choice.conditions["machine"],
              "measured": choice.measured, "holds": choice.holds()} for choice in remembered.all_choices()]
    return good(f"{len(times)} choice(s) of --backend auto", times=times)
