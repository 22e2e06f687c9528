"""Kinds of values that the daemon's keys alone take."""

import re
from functools import partial

from edgepose.toml.document import brief
from edgepose.toml.kinds import Kind, number, read_item, text, whole

UNITS = {"bytes": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
         "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
AGES = {"minutes": 60, "minute": 60, "hours": 3600, "hour": 3600, "days": 86400, "day": 86400, "weeks": 7 * 86400,
        "week": 7 * 86400, "years": 365 * 86400, "year": 365 * 86400}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_POINTS = 64


def size():
    """A number of bytes, with or without a unit."""
    return Kind('bytes, or a string such as "500 MiB" or "1 GiB"', partial(_read_amount, UNITS, 1 << 50, int),
                partial(_show_amount, {"GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10, "bytes": 1}))


def age():
    """A duration that people give in days, read as float seconds."""
    read = partial(_read_amount, AGES, 100 * 365 * 86400, float)
    return Kind('a string such as "12 hours", "14 days" or "1 year"', read,
                partial(_show_amount, {"days": 86400, "hours": 3600, "minutes": 60}))


def _read_amount(units, most, kind, value):
    if type(value) is int and kind is int:
        value = f"{value:d} bytes" if 0 <= value <= most else ""
    found = re.fullmatch(r"(\d{1,15}(?:\.\d{1,3})?) ?([A-Za-z]+)", value, re.ASCII) if type(value) is str else None
    if not found or found[2] not in units or not 0 < float(found[1]) * units[found[2]] <= most:
        raise ValueError
    return kind(float(found[1]) * units[found[2]])


def _show_amount(units, value):
    unit = next(unit for unit, n in units.items() if value % n == 0 or n == min(units.values()))
    return brief(f"{value / units[unit]:g} {unit}")


def clock():
    """A local time of the day."""
    return text('a time such as "22:30"', r"([01]\d|2[0-3]):[0-5]\d", 5)


def hours():
    """From when to when in a day, once or several times, read as a tuple of pairs."""
    return Kind('two times such as ["22:00", "06:30"], or an array of such pairs', _read_hours)


def _read_hours(value):
    if type(value) is not list or not value:
        raise ValueError
    if type(value[0]) is list:
        return tuple(read_item(_PAIR, n, pair) for n, pair in enumerate(value))
    return (_read_pair(value),)


def _read_pair(value):
    if type(value) is not list or len(value) != 2:
        raise ValueError
    return tuple(read_item(clock(), n, entry) for n, entry in enumerate(value))


_PAIR = Kind("", _read_pair)


def people():
    """The least and most people, read as (least, most or None)."""
    return Kind("[least, most] people from 0 to 64, or [least] for any number from there on", _read_people,
                _show_people)


def _show_people(value):
    return brief([n for n in value if n is not None])


def _read_people(value):
    if type(value) is not list or len(value) not in (1, 2):
        raise ValueError
    least, most = [read_item(whole(0, 64), n, entry) for n, entry in enumerate(value)] + [None] * (2 - len(value))
    if most is not None and most < least:
        raise ValueError(f"is {brief(value)}, which nobody can be")
    return least, most


def points():
    """Corners as fractions of the picture, read as a tuple of (x, y) floats."""
    return Kind(f"two points [x, y] for a line, 3 to {MOST_POINTS} for a zone, each from 0 to 1 of the picture's width"
                " and height", _read_points)


def _read_points(value):
    if type(value) is not list or not 2 <= len(value) <= MOST_POINTS:
        raise ValueError
    return tuple(read_item(_POINT, n, entry) for n, entry in enumerate(value))


def _read_point(value):
    if type(value) is not list or len(value) != 2:
        raise ValueError
    return tuple(number(0, 1).read(part) for part in value)


_POINT = Kind("", _read_point)
