"""Cameras of the file, with their zones and rules."""

from dataclasses import MISSING, replace

from edgepose.daemon.config import checks, outside
from edgepose.daemon.config.sections import make
from edgepose.toml.values import attempt


def read_cameras(root):
    """A CameraSettings for every [[camera]] that is whole."""
    tables = root.tables("camera")
    if not root.has("camera") or root.values["camera"] == []:
        root.fault("camera", "there is none; it takes one [[camera]] table or more")
    checks.check_names(tables)
    found = [_camera(table) for table in tables]
    return tuple(camera for camera in found if camera is not None)


def _camera(table):
    zones = read_zones(table)
    camera = make(table, "camera", zones=tuple(zone for zone in zones.values() if zone is not None))
    rules, source = _rules(table, camera, zones), _source(table)
    return None if camera is None or source is MISSING else replace(camera, rules=rules, source=source)


def _source(table):
    """What `open_source` takes, MISSING where there is no such thing."""
    text = table.values.get("source")
    if not isinstance(text, str):
        return MISSING
    if outside.has_password(text) and outside.is_open_to_others(table.document.path):
        table.warn("source", "has a password in it, and others may read this file;"
                             f" `chmod 600 {table.document.path}` keeps it secret")
    return attempt(table, "source", outside.find_source, table.document.folder, text)


def read_zones(table):
    """{name: ZoneSettings, or None for one that is wrong} of a camera's table."""
    tables = table.tables("zone")
    checks.check_names(tables)
    return {_name(entry): _zone(entry) for entry in tables}


def _name(table):
    """A zone's name if it has one; what is not text cannot be called by any rule."""
    name = table.values.get("name")
    return name if isinstance(name, str) else table.path


def _zone(table):
    zone = make(table, "camera.zone")
    if zone is not None:
        checks.check_zone(table, zone)
    return zone


def _rules(table, camera, zones):
    tables = table.tables("rule")
    checks.check_names(tables)
    found = [_rule(entry, camera, zones) for entry in tables]
    return tuple(rule for rule in found if rule is not None)


def _rule(table, camera, zones):
    before = table.document.n_faults
    rule = make(table, "camera.rule")
    if rule is not None:
        checks.check_rule(table, rule, zones)
        for n, text in enumerate(rule.keypoints if table.has("keypoints") else ()):
            attempt(table, "keypoints", checks.check_condition, n, text)
    if camera is not None and table.document.n_faults == before and None not in zones.values():
        attempt(table, None, checks.check_in_book, camera, rule)
    return rule
