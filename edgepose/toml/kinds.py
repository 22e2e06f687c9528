"""Kinds of values that keys take: how each is read, what it takes in words, and how one is shown."""

import re
from collections import namedtuple
from functools import partial

from edgepose.toml.document import brief

#: `takes` in words; `read(value)` gives what the settings hold, or raises ValueError, which says what is wrong where
#: `takes` alone does not; `show(value)` is the way back; `secret` values stand in no message.
Kind = namedtuple("Kind", "takes read show secret", defaults=(brief, False))


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
    read = tuple(read_item(kind, n, value) for n, value in enumerate(values))
    if len(set(read)) < len(read):
        raise ValueError("names something twice")
    return read


class ItemError(ValueError):
    """What is wrong with one entry of an array; `n` counts from 0."""

    def __init__(self, n, text):
        super().__init__(text)
        self.n = n


def read_item(kind, n, value):
    """The n-th entry of an array, as a kind reads it; ItemError where it does not."""
    try:
        return kind.read(value)
    except ValueError as error:
        raise ItemError(n, str(error) or f"is {brief(value)}") from None
