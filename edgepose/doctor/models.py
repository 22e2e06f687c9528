"""The models, and what was measured of them."""

from edgepose.doctor.finding import finding


def models():
    """The installed models, every file compared with its manifest."""
    from edgepose import model

    names = model.names()
    for name in names:
        for file in model.load(name).files:
            file.verify()
    return finding(bool(names), f"{', '.join(names) or 'none'}: every file whole", "reinstall edgepose")


def measured():
    """What `--backend auto` has measured and remembers."""
    from edgepose.backends import remembered

    times = [{"model": choice.conditions["model"], "settings": choice.conditions["settings"],
              "backend": choice.backend, "times_ms": choice.times_ms, "refused": choice.refused,
              "packages": choice.conditions["packages"], "machine": choice.conditions["machine"],
              "measured": choice.measured, "holds": choice.holds()} for choice in remembered.all_choices()]
    return finding(True, f"{len(times)} choice(s) of --backend auto") | {"times": times}
