"""Zones as a browser sends them: of the right shape. Whether they make sense is the configuration's to say."""

from edgepose.errors import ConfigError

MAX_ZONES = 64
MAX_POINTS = 64
KEYS = ("name", "points", "body_near", "body_far")


def read_zones(table):
    """The zones in a request.

    Parameters
    ----------
    table : dict, {"zones": [{"name", "points": [[x, y], ...], "body_near", "body_far"}, ...]}, anything

    Returns
    -------
    list of dict with all of KEYS

    Raises
    ------
    ConfigError : one line each of what is not of that shape
    """
    zones = table.get("zones")
    if not isinstance(zones, list) or len(zones) > MAX_ZONES:
        raise ConfigError(f"zones: it takes a list of at most {MAX_ZONES}")
    errors = [f"{_title(zone, i)}: {error}" for i, zone in enumerate(zones, 1) for error in _errors(zone)]
    if errors:
        raise ConfigError("\n".join(errors))
    return [{key: zone.get(key) for key in KEYS} for zone in zones]


def _title(zone, i):
    name = zone.get("name") if isinstance(zone, dict) else None
    return f"zone {name!r}" if isinstance(name, str) and 0 < len(name) <= 64 else f"zone {i}"


def _errors(zone):
    if not isinstance(zone, dict) or set(zone) - set(KEYS):
        yield f"it takes {', '.join(KEYS)}"
        return
    name, points = zone.get("name"), zone.get("points")
    if not isinstance(name, str) or not 0 < len(name) <= 64 or not name.isprintable():
        yield "name: it takes 1 to 64 characters"
    if not isinstance(points, list) or not 2 <= len(points) <= MAX_POINTS or not all(map(_is_point, points)):
        yield f"points: it takes 2 to {MAX_POINTS} pairs of numbers from 0 to 1"
    for key in ("body_near", "body_far"):
        if zone.get(key) is not None and not (_is_share(zone[key]) and zone[key] > 0):
            yield f"{key}: it takes a number above 0 and at most 1, or null"


def _is_point(point):
    return isinstance(point, list) and len(point) == 2 and all(map(_is_share, point))


def _is_share(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
