"""Identifiers of events: unique for ever, and they sort by the time they were made."""

import os

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nobody reads one for another
N_LETTERS = 26
_RANDOM_BITS, _ALL_BITS = 80, 128


class Ids:
    """Makes identifiers of 48 bits of ms since 1970 and 80 random bits, each greater than the one before.

    Parameters
    ----------
    last : str or None, the greatest that there is already

    Notes
    -----
    Where the clock stood still or went back, the next is the last plus one (tests/unit/test_daemon_events.py).
    """

    def __init__(self, last=None):
        self._last = number_of(last) if last else 0

    def make(self, wall_ms):
        """A new one. Not for several threads at once."""
        fresh = (max(0, wall_ms) << _RANDOM_BITS) | int.from_bytes(os.urandom(_RANDOM_BITS // 8), "big")
        self._last = max(fresh, self._last + 1) % (1 << _ALL_BITS)
        return _text(self._last)

    def pass_over(self, last):
        """Make only greater ones than `last` from now on."""
        self._last = max(self._last, number_of(last))


def is_id(text):
    """Whether a text has the form of an identifier."""
    return isinstance(text, str) and len(text) == N_LETTERS and all(letter in LETTERS for letter in text)


def number_of(text):
    """The number that an identifier stands for; ValueError for what is none."""
    if not is_id(text):
        raise ValueError(f"{text!r} is no identifier of an event")
    return sum(LETTERS.index(letter) << 5 * place for place, letter in enumerate(reversed(text)))


def _text(number):
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(N_LETTERS)))
