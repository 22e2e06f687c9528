"""Intervals for what several processes measured, by resampling the processes.

Frames of one process resemble each other more than those of two: memory lies elsewhere, the machine has another
moment. So the process is the unit, with one number (`units.py`), and processes are drawn with replacement.

Processes scatter with long tails: on a shared machine half of them lie within 1.5 % of the middle and some 15 % away.
So what stands for all of them is not their mean but the Hodges-Lehmann estimate: of one sample the median of the means
of all pairs, each process paired with itself too; of two samples the median of all differences between them.
Source: Hodges and Lehmann, Estimates of Location Based on Rank Tests, 1963.
"""

import math
from statistics import NormalDist

import numpy as np

N_DRAWS = 1000
_CHUNK = 50  # draws at a time, so that many processes fit into memory


def centre(units):
    """The number that stands for all processes' numbers, float (n,), positive."""
    return math.exp(_middle(np.log(units)))


def interval(units, level=0.95, seed=0):
    """(low, high) of the centre; None with a single process, which does not show what differs from start to start."""
    logs, rng = np.log(units), np.random.default_rng(seed)
    if len(logs) < 2:
        return None
    draws = _draws(lambda n: _middle(_drawn(logs, n, rng)))
    return _spread(_middle(logs), draws, level, _widening(len(logs), len(logs) - 1, level))


def ratio_interval(old, new, level=0.95, seed=0):
    """(ratio, low, high) of the new processes to the old ones; low and high are NaN where one side has only one.

    Parameters
    ----------
    old, new : float (n,), positive, one number a process
    """
    old, new, rng = np.log(old), np.log(new), np.random.default_rng(seed)
    shift, fewest = _shift(old, new), min(len(old), len(new))
    if fewest < 2:
        return math.exp(shift), math.nan, math.nan
    draws = _draws(lambda n: _shift(_drawn(old, n, rng), _drawn(new, n, rng)))
    return math.exp(shift), *_spread(shift, draws, level, _widening(fewest, len(old) + len(new) - 2, level))


def _draws(draw):
    """`N_DRAWS` results of a callable that makes as many as it is asked for."""
    return np.concatenate([draw(min(_CHUNK, N_DRAWS - begun)) for begun in range(0, N_DRAWS, _CHUNK)])


def _drawn(values, n, rng):
    """Float (n, len(values)): the values drawn anew, n times."""
    return values[rng.integers(0, len(values), (n, len(values)))]


def _middle(values):
    """The Hodges-Lehmann estimate of each row."""
    one, other = np.triu_indices(values.shape[-1])
    return np.median((values[..., one] + values[..., other]) / 2, axis=-1)


def _shift(old, new):
    """How far each row of `new` lies above that of `old`."""
    ways = new[..., :, None] - old[..., None, :]
    return np.median(ways.reshape(*ways.shape[:-2], -1), axis=-1)


def _spread(middle, draws, level, widen):
    """The percentile interval of logarithms around its middle, widened, as plain numbers."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return math.exp(middle - (middle - low) * widen), math.exp(middle + (high - middle) * widen)


def _widening(n_groups, freedom, level):
    """What a percentile interval of few groups is too narrow by.

    Notes
    -----
    Resampling n groups sees (n - 1) / n of their variance, and a normal quantile stands where Student's belongs.
    """
    quantile = (1 + level) / 2
    return math.sqrt(n_groups / (n_groups - 1)) * student(quantile, freedom) / NormalDist().inv_cdf(quantile)


def student(quantile, freedom):
    """A quantile of Student's distribution, within 1 % from 3 degrees of freedom on up to 0.999.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5, four terms; exact for 1 and 2.
    """
    if freedom == 1:
        return math.tan(math.pi * (quantile - 0.5))
    if freedom == 2:
        a = 2 * quantile - 1
        return a * math.sqrt(2 / (1 - a * a))
    x = NormalDist().inv_cdf(quantile)
    terms = ((x**3 + x) / 4, (5 * x**5 + 16 * x**3 + 3 * x) / 96,
             (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
             (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160)
    return x + sum(term / freedom**power for power, term in enumerate(terms, 1))
