"""How long to wait before the next try, of cameras as of outlets."""

import random


class Backoff:
    """Doubles from one failure to the next; of each wait up to a half is left to chance, lest all come at once.

    Parameters
    ----------
    first_s, most_s : float
    random : callable, gives a float of 0..1
    """

    def __init__(self, first_s, most_s, random=random.random):
        self._first_s, self._most_s, self._random, self._n = first_s, most_s, random, 0

    def next_s(self):
        """How long to wait after one more failure."""
        longest_s = min(self._first_s * 2 ** min(self._n, 30), self._most_s)
        self._n += 1
        return longest_s * (1 + self._random()) / 2

    def reset(self):
        """It went well."""
        self._n = 0
