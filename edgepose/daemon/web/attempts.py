"""How often somebody may try a password."""

import ipaddress
import time
from collections import OrderedDict

PER_ADDRESS = (5, 1 / 30)
IN_ALL = (30, 1 / 5)
MAX_ADDRESSES = 1024


class Bucket:
    """Holds `size` tries and gets `per_s` back a second, up to that."""

    def __init__(self, size, per_s, now_s):
        self._size, self._per_s = size, per_s
        self._left, self._at_s = float(size), now_s

    def wait_s(self, now_s):
        """How long until there is a try in it, 0 for now."""
        self._left = min(self._size, self._left + max(0.0, now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        return max(0.0, (1 - self._left) / self._per_s)

    def take(self):
        """Use one up."""
        self._left -= 1


class Attempts:
    """Limits tries by address and, against many addresses at once, in all; the fair ones among them wait, too.

    Notes
    -----
    Remembers at most `MAX_ADDRESSES`; of IPv6 it counts networks of 64 bits, which one house has to itself.
    """

    def __init__(self, clock=time.monotonic):
        self._clock, self._places = clock, OrderedDict()
        self._all = Bucket(*IN_ALL, clock())

    def wait_s(self, address):
        """Take one try for an address: 0 when it may go on, else how many seconds it must wait."""
        now = self._clock()
        place = self._place(address, now)
        wait_s = max(place.wait_s(now), self._all.wait_s(now))
        if not wait_s:
            place.take()
            self._all.take()
        return wait_s

    def forgive(self, address):
        """Forget the tries of an address, whose last one was right."""
        self._places.pop(_network(address), None)

    def _place(self, address, now):
        key = _network(address)
        place = self._places.setdefault(key, Bucket(*PER_ADDRESS, now))
        self._places.move_to_end(key)
        if len(self._places) > MAX_ADDRESSES:
            self._places.popitem(last=False)
        return place


def _network(address):
    try:
        number = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(number, "ipv4_mapped", None)
    return (mapped or number) if number.version == 4 or mapped else ipaddress.ip_network((number, 64), strict=False)
