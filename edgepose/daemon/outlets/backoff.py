"""How long to wait before the next try."""

import random


class Backoff:
    """Doubles from one failure to the next; of each wait up to a half is left to chance, lest all come at once.

    Parameters
    ----------
    first_s, most_s : float
    """

    def __init__(self, first_s, most_s):
        self._first_s, self._most_s, self._n = first_s, most_s, 0

    def next_s(self):
        """How long to wait after one more failure."""
        longest_s = min(self._first_s * 2 ** min(self._n, 30), self._most_s)
        self._n += 1
        return longest_s * random.uniform(0.5, 1.0)

    def reset(self):
        """It went well."""
        self._n = 0
