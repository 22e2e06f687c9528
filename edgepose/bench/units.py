"""What one process says of a stage: one number, so that processes and runs can be set beside each other."""

import numpy as np

#: How many people are in view, as the decoder found them: name and (fewest, most).
CROWDS = {"nobody": (0, 0), "one": (1, 1), "several": (2, 255)}
_LEAST_FRAMES = 5  # of a crowd, in every process that is to be compared


def units(runs, name, crowds):
    """float (n,): a stage's typical time in each process, ns.

    Parameters
    ----------
    runs : outcomes with `samples`
    name : str, a stage or another of `summary.MEASURES`
    crowds : names of CROWDS as `common_crowds` gives them

    Notes
    -----
    The mean over the crowds of each one's median. What is decoded and written depends on how many people there are:
    the median of all frames lies between two heaps and jumps from one to the other with the share of empty frames.
    """
    return np.array([np.mean([np.median(part) for part in _parts(run["samples"], name, crowds)]) for run in runs])


def common_crowds(runs):
    """The crowds that every process has seen often enough; none where there is no such crowd."""
    return [crowd for crowd in CROWDS
            if all(in_crowd(run["samples"]["n_people"], crowd).sum() >= _LEAST_FRAMES for run in runs)]


def in_crowd(n_people, crowd):
    """bool (n,): the frames that show such a crowd."""
    fewest, most = CROWDS[crowd]
    return (n_people >= fewest) & (n_people <= most)


def _parts(samples, name, crowds):
    return [samples[name][in_crowd(samples["n_people"], crowd)] for crowd in crowds] or [samples[name]]
