"""What values keys take: how each is read, what it takes in words, and how one is shown."""

import re
from collections import namedtuple
from functools import partial

from edgepose.daemon.config.document import brief

#: `takes` in words; `read(value)` gives what the settings hold, or raises ValueError, which says what is wrong where
#: `takes` alone does not; `show(value)` is the way back; `secret` values stand in no message.
Kind = namedtuple("Kind", "takes read show secret", defaults=(brief, False))

UNITS = {"bytes": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
         "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
AGES = {"minutes": 60, "minute": 60, "hours": 3600, "hour": 3600, "days": 86400, "day": 86400, "weeks": 7 * 86400,
        "week": 7 * 86400, "years": 365 * 86400, "year": 365 * 86400}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_POINTS = 64

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def number(least, most):
    """A finite number within limits, read as float."""
    return Kind(f"a number from {least:g} to {most:g}", partial(_read_number, least, most, (int, float), float))


def whole(least, most):
    """A whole number within limits."""
    return Kind(f"a whole number from {least} to {most}", partial(_read_number, least, most, (int,), int))


def _read_number(least, most, types, kind, value):
    if type(value) not in types or not least <= value <= most:  # not a number fails it too
        raise ValueError
    return kind(value)


def flag():
    """True or false."""
    return Kind("true or false", _read_flag)


def _read_flag(value):
    if type(value) is not bool:
        raise ValueError
    return value


def text(takes, pattern=r"[^\x00-\x1f\x7f]+", most=1000, secret=False):
    """A string of a form."""
    return Kind(takes, partial(_read_text, re.compile(pattern), most), secret=secret)


def _read_text(pattern, most, value):
    if type(value) is not str or len(value) > most or not pattern.fullmatch(value):
        raise ValueError
    return value


def choice(names):
    """One of some strings."""
    return Kind(f"one of {', '.join(map(brief, names))}", partial(_read_choice, names))


def _read_choice(names, value):
    if type(value) is not str or value not in names:
        raise ValueError
    return value


def several(kind, takes, least=0):
    """An array of different values of a kind, read as a tuple."""
    return Kind(takes, partial(_read_several, kind, least))


def _read_several(kind, least, values):
    if type(values) is not list or len(values) < least:
        raise ValueError
    read = tuple(_read_item(kind, n, value) for n, value in enumerate(values))
    if len(set(read)) < len(read):
        raise ValueError("names something twice")
    return read


class ItemError(ValueError):
    """What is wrong with one entry of an array; `n` counts from 0."""

    def __init__(self, n, text):
        super().__init__(text)
        self.n = n


def _read_item(kind, n, value):
    try:
        return kind.read(value)
    except ValueError as error:
        raise ItemError(n, str(error) or f"is {brief(value)}") from None


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
    return Kind('a time such as "22:30"', partial(_read_text, _CLOCK, 5))


def hours():
    """From when to when in a day, once or several times, read as a tuple of pairs."""
    return Kind('two times such as ["22:00", "06:30"], or an array of such pairs', _read_hours)


def _read_hours(value):
    if type(value) is not list or not value:
        raise ValueError
    if type(value[0]) is list:
        return tuple(_read_item(_PAIR, n, pair) for n, pair in enumerate(value))
    return (_read_pair(value),)


def _read_pair(value):
    if type(value) is not list or len(value) != 2:
        raise ValueError
    return tuple(_read_item(clock(), n, entry) for n, entry in enumerate(value))


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
    least, most = [_read_item(whole(0, 64), n, entry) for n, entry in enumerate(value)] + [None] * (2 - len(value))
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
    return tuple(_read_item(_POINT, n, entry) for n, entry in enumerate(value))


def _read_point(value):
    if type(value) is not list or len(value) != 2:
        raise ValueError
    return tuple(_read_number(0, 1, (int, float), float, part) for part in value)


_POINT = Kind("", _read_point)
