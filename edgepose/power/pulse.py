"""A pattern of load that an external meter sees, and that tells by how much its clock differs from ours."""

import os
import threading
import time
from hashlib import blake2b
from time import monotonic_ns

import numpy as np

from edgepose.errors import BoardError

#: Seconds of load and of rest in turn, uneven so that only one place fits.
PATTERN_S = (1.0, 0.6, 0.5, 0.9, 1.5)
LEAST_CORRELATION = 0.7
_STEP_S = 0.02
_REST_S = 1.0  # before and after the pattern
_BLOCK = bytes(1 << 20)


def emit(sleep=time.sleep, burn=None):
    """Load all usable cores in the pattern; the moments at which load began and ended in turn, monotonic ns."""
    edges = []
    sleep(_REST_S)
    for place, seconds in enumerate(PATTERN_S):
        if place % 2 == 0:
            edges.append(monotonic_ns())
            (burn or burn_all)(seconds)
            edges.append(monotonic_ns())
        else:
            sleep(seconds)
    sleep(_REST_S)
    return edges


def burn_all(seconds):
    """Keep every usable core busy for so long."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = [threading.Thread(target=_burn, args=(seconds,)) for _ in range(cores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _burn(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        blake2b(_BLOCK).digest()  # without the interpreter's lock


def find_offset(time_s, mw, edges_ns):
    """What to add to a meter's time, s, to get our monotonic time, and how well the pattern fits.

    Parameters
    ----------
    time_s, mw : float arrays, readings by the meter's clock, in order
    edges_ns : as `emit` gives them

    Returns
    -------
    float s, float (correlation of readings and pattern, 1 at best)

    Raises
    ------
    BoardError : the pattern is not in the readings

    Notes
    -----
    Right within the meter's own period, or 20 ms (tests/unit/test_power_meter.py).
    """
    begin = edges_ns[0] / 1e9 - _REST_S
    template = _template(np.array(edges_ns) / 1e9 - begin)
    grid = np.arange(time_s[0], time_s[-1], _STEP_S)
    if len(grid) < len(template):
        raise BoardError(f"the meter's readings span {time_s[-1] - time_s[0]:.1f} s; the load pattern alone takes"
                         f" {len(template) * _STEP_S:.1f} s")
    fits = _correlate(np.interp(grid, time_s, mw), template)
    best = int(np.argmax(fits))
    if fits[best] < LEAST_CORRELATION:
        raise BoardError(f"the load pattern is not in the meter's readings (correlation {fits[best]:.2f}); does the"
                         " meter feed this machine, and does it read several times a second?")
    return begin - grid[best], float(fits[best])


def _template(edges_s):
    """1 under load and 0 at rest, on the grid, from the rest before the pattern to the one after it."""
    grid = np.arange(0, edges_s[-1] + _REST_S, _STEP_S)
    return (np.searchsorted(edges_s, grid, side="right") % 2).astype(float)


def _correlate(series, template):
    """Pearson's correlation of a template with every stretch of a series."""
    n = len(template)
    shape = template - template.mean()
    sums, squares = (np.concatenate([[0.0], np.cumsum(values)]) for values in (series, series * series))
    total, square = sums[n:] - sums[:-n], squares[n:] - squares[:-n]
    spread = np.sqrt(np.maximum(square - total * total / n, 1e-12)) * np.sqrt((shape * shape).sum())
    return np.correlate(series, shape, "valid") / spread
