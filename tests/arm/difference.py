"""Compares what two architectures made of the same input."""

import numpy as np

from tests.arm.errors import Failed


def compare(ours, theirs, network_differs):
    """Lines that tell how two architectures agree; Failed where they must and do not.

    Parameters
    ----------
    ours, theirs : Path without suffix, what digests.py wrote on x86-64 and elsewhere
    network_differs : bool, that runtime has other kernels than ours; what comes of its outputs is told, not judged
    """
    a, b = _read(ours), _read(theirs)
    if a.keys() != b.keys():
        raise Failed(f"digests of other things: {sorted(a.keys() ^ b.keys())[:3]}")
    free = ("network ", "poses-tflite ") if network_differs else ()
    bound = [name for name in a if not name.startswith(free or ("\0",))]
    wrong = [name for name in bound if a[name] != b[name]]
    if wrong:
        raise Failed(f"{len(wrong)} of {len(bound)} digests differ from x86-64's, the first one: {wrong[0]}"
                     f"\n{_worst(ours, theirs)}")
    yield f"{len(bound)} digests, each the same as on x86-64"
    if network_differs:
        yield _worst(ours, theirs)


def _read(path):
    lines = path.with_suffix(".txt").read_text().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines)


def _worst(ours, theirs):
    """How far the network's outputs are apart, in stored int8 steps."""
    with np.load(ours.with_suffix(".npz")) as a, np.load(theirs.with_suffix(".npz")) as b:
        return "\n".join(_apart(name, a[name], b[name]) for name in a)


def _apart(name, a, b):
    steps = np.abs(a.astype(np.int32) - b)
    return (f"  {name}: {np.count_nonzero(steps)} of {steps.size} values differ,"
            f" by at most {steps.max()} and {steps.mean():.3f} on average, of 256 steps")
