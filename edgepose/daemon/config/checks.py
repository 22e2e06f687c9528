"""What no key shows by itself: what keys say of each other."""

from dataclasses import replace

from edgepose import skeleton
from edgepose.daemon.config import outline
from edgepose.daemon.config.addresses import is_local, split_listen
from edgepose.errors import ConfigError
from edgepose.toml.document import near
from edgepose.toml.kinds import ItemError

#: Keys of rules that have a use in one kind alone
_ONLY = {"people": ("count",), "direction": ("line",)}
_NEEDS_ZONES = ("line", "alone")


def check_names(tables):
    """Every table's name is another one."""
    seen = {}
    for table in tables:
        name = table.values.get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            table.fault("name", f"{name!r} is the name of another in line {seen[name]}; every name is used once")
        seen.setdefault(name, table.line("name"))


def check_zone(table, zone):
    """A zone's points go around it, and its scale is whole."""
    fault = outline.find_fault(zone.points)
    if fault:
        table.fault("points", f"{fault}; it takes corners in order around the zone, edges not crossing")
    for key, other in (("body_near", "body_far"), ("body_far", "body_near")):
        if getattr(zone, key) is not None and getattr(zone, other) is None:
            table.fault(key, f"has no use without {other}; give both")


def check_rule(table, rule, zones):
    """A rule names zones that there are, and that its kind can use.

    Parameters
    ----------
    table : Table of the rule
    rule : RuleSettings
    zones : {name: ZoneSettings, or None for one that is wrong itself}
    """
    for key in ("zones", "outside"):
        for n, name in enumerate(getattr(rule, key)):
            _check_zone_of(table, rule, key, n, zones, name)
    for key, kinds in _ONLY.items():
        if key in table.values and rule.kind not in kinds:
            table.fault(key, f"has no use in a rule of kind {rule.kind!r}; it is of {', '.join(kinds)}")
    if rule.kind in _NEEDS_ZONES and not rule.zones:
        table.fault("zones", f"names none; a rule of kind {rule.kind!r} takes one or more of {_listed(zones)}")


def _check_zone_of(table, rule, key, n, zones, name):
    if name not in zones:
        table.fault(key, f"{name!r} is no zone of this camera{near(name, zones)}; it takes {_listed(zones)}", n)
    elif rule.kind == "line" and key == "zones" and zones[name] is not None and len(zones[name].points) > 2:
        table.fault(key, f"{name!r} is no line; it takes a zone of two points", n)


def _listed(zones):
    return ", ".join(map(repr, zones)) or "names of [[camera.zone]] tables, of which there are none"


def check_condition(n, text):
    """ItemError unless the rules can read a condition on keypoints, the n-th of its rule."""
    from edgepose.daemon.rules import conditions

    try:
        conditions.parse(text, skeleton.find(skeleton.DEFAULT))
    except ConfigError as error:
        raise ItemError(n, str(error)) from None


def check_in_book(camera, rule):
    """ValueError unless the rules' own code takes a rule."""
    from edgepose.daemon.rules.book import RuleBook

    try:
        RuleBook(replace(camera, rules=(rule,)), skeleton.find(skeleton.DEFAULT))
    except ConfigError as error:
        raise ValueError(str(error).rpartition(f"rule {rule.name}: ")[2].replace("\n", "; ")) from None


def check_web(table, web):
    """Whatever lets others in has a password."""
    if table.has("password"):  # if it is wrong, that has been said
        return
    if not is_local(split_listen(web.listen)[0]):
        table.fault("listen", f"{web.listen} lets others in, but there is no password; it takes a password too, which"
                              " `edgepose daemon --hash-password` makes, or 127.0.0.1")
    for n, name in enumerate(web.names):
        if not is_local(name):
            table.fault("names", f"{name!r} lets others in, but there is no password; it takes a password too", n)


def check_schedule(tables, entries):
    """No moment of the week has two modes."""
    seen = {}
    for table, (days, at, mode) in zip(tables, entries):
        for day in days:
            if seen.setdefault((day, at), mode) != mode:
                table.fault("at", f"{day} {at} has the mode {seen[day, at]!r} already; it takes one mode at a time")
