"""Changes of the config from elsewhere, such as the page: in place, and only if the whole of it is right then."""

import threading
from dataclasses import asdict, is_dataclass

from edgepose.daemon.config.camera import read_zones
from edgepose.daemon.config.edits import Edits
from edgepose.daemon.config.reading import text_of, understand
from edgepose.daemon.config.swap import fingerprint, swap
from edgepose.errors import ConfigError
from edgepose.toml.document import Document, Table

_KEYS = ("points", "body_near", "body_far")
_writing = threading.Lock()  # of this process; another one is noticed by the file's fingerprint


def set_zones(path, camera, zones):
    """Give a camera other zones.

    Parameters
    ----------
    path : str or Path of the config
    camera : str
    zones : ZoneSettings, or dicts of the same fields, or whatever else came over the network

    Returns
    -------
    Settings, of the whole file after it

    Raises
    ------
    ConfigError : what is wrong with the zones, or with what then were of rules, a line each; or the file cannot be
        changed. Nothing is written then.
    KeyError : there is no such camera

    Notes
    -----
    Zones are told apart by their names. What stays the same is not touched; zones that stay keep their order; new ones
    come behind them. Fractions are written with four digits.
    """
    try:
        wanted = _plain_zones(camera, zones)
    except RecursionError:
        raise ConfigError(f"camera.{camera}.zone: is nested too deep; it takes tables") from None
    return _change(path, lambda document: _with_zones(document, _find(document, camera), wanted))


def set_rule_modes(path, camera, rule, modes):
    """Give a rule other modes in which it is on; as `set_zones`, KeyError also where there is no such rule."""
    def change(document):
        place = _find(document, camera)
        names = [entry["name"] for entry in _entries(document, place, "rule")]
        if rule not in names:
            raise KeyError(rule)
        edits, entry = Edits(document), place + ("rule", names.index(rule))
        _need_header(document, entry)
        edits.set(entry, "modes", list(modes))
        return edits.text()

    return _change(path, change)


def _change(path, change):
    """Write what a function makes of the Document, if that is right; the Settings then."""
    with _writing:
        known, text = fingerprint(path), text_of(path)
        try:
            understand(path, text)
        except ConfigError as error:
            raise ConfigError(f"{path} is not right as it is, so nothing was changed in it:\n{error}") from error
        new = change(Document(path, text))
        settings, _ = understand(path, new, with_lines=False)
        if new != text:
            swap(path, new, known)
        return settings


def _plain_zones(camera, zones):
    """[{"name", "points", ...}] of zones that are right; ConfigError, without lines, of those that are not."""
    given = [_given(zone) for zone in zones] if isinstance(zones, list | tuple) else zones
    document = Document("", "")
    found = read_zones(Table(document, {"zone": given}, ("camera",), f"camera.{camera}"))
    document.check(with_lines=False)
    return [_plain(asdict(zone)) for zone in found.values()]


def _given(zone):
    """A zone as the file would have it, if it is one."""
    zone = _plain(asdict(zone) if is_dataclass(zone) else zone)
    return {key: value for key, value in zone.items() if value is not None} if isinstance(zone, dict) else zone


def _plain(value):
    """The same with lists for tuples, as TOML has it."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def _find(document, camera):
    """The path of a camera; KeyError where there is none."""
    for n, entry in enumerate(document.values["camera"]):
        if entry["name"] == camera:
            return ("camera", n)
    raise KeyError(camera)


def _entries(document, camera, key):
    return document.values["camera"][camera[1]].get(key, [])


def _need_header(document, path):
    if path not in document.places.tables:
        kind = ".".join(part for part in path if isinstance(part, str))
        raise ConfigError(f"{document.path}:{document.places.line(path)}: {kind}: cannot be changed from here;"
                          f" write it as a table of its own under [[{kind}]]")


def _with_zones(document, camera, wanted):
    """The text with a camera's zones as they are wanted."""
    there = _entries(document, camera, "zone")
    place, edits = camera + ("zone",), Edits(document)
    if place in document.places.values:  # an array of inline tables
        _set_inline(edits, place, there, wanted)
    else:
        _set_tables(edits, document, camera, there, wanted)
    return edits.text()


def _set_inline(edits, place, there, wanted):
    names, by_name = [zone["name"] for zone in there], {zone["name"]: zone for zone in wanted}
    if not there or any(name not in by_name for name in names):
        edits.replace(place, wanted)
        return
    for n, zone in enumerate(there):
        if _differs(zone, by_name[zone["name"]]):
            edits.replace(place + (n,), by_name[zone["name"]])
    edits.append(place + (len(there) - 1,), [zone for zone in wanted if zone["name"] not in names])


def _set_tables(edits, document, camera, there, wanted):
    names, by_name = [zone["name"] for zone in there], {zone["name"]: zone for zone in wanted}
    behind = camera + ("zone", len(there) - 1) if there else camera
    _need_header(document, behind)
    for n, zone in enumerate(there):
        if zone["name"] not in by_name:
            edits.remove(camera + ("zone", n))
            continue
        for key in _KEYS:
            if _differs(zone, by_name[zone["name"]], key):
                edits.set(camera + ("zone", n), key, by_name[zone["name"]][key])
    new = [zone for zone in wanted if zone["name"] not in names]
    if new:
        edits.insert_tables(behind, "[[camera.zone]]", new)


def _differs(zone, other, *keys):
    return any(zone.get(key) != other.get(key) for key in keys or _KEYS)
