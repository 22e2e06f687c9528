"""What never changes, of all layers side by side: each buffer of a kernel costs the host time at every launch.

On PoCL a launch with six buffers took 2.5 to 4.2 us of the host, one with three 1.6 to 2.8.
"""

from dataclasses import dataclass

import numpy as np

from edgepose.backends.opencl.arena import ALIGNMENT, SLACK
from edgepose.backends.opencl.lower import NUMBERS

PLACES = {name: NUMBERS.index(name) for name in ("WEIGHTS_AT", "BIAS_AT", "SCALES_AT", "TABLE_AT")}


@dataclass(frozen=True)
class Constants:
    """Two arrays for the device, and where in the first each Work's numbers begin.

    Attributes
    ----------
    numbers : int32, every Work's numbers and taps, then the tables
    arrays : uint8, every Work's weights, bias and scales, each aligned to 64 bytes
    firsts : [int32] of each Work
    """

    numbers: np.ndarray
    arrays: np.ndarray
    firsts: list


def pack(works):
    """The Constants of a list of Work."""
    tables, arrays = _Row(4), _Row(ALIGNMENT)
    firsts = np.cumsum([0, *(len(work.numbers) for work in works)], dtype=np.int32)
    whole = np.concatenate([work.numbers for work in works])
    for first, work in zip(firsts, works):
        for name, array in (("WEIGHTS_AT", work.weights), ("BIAS_AT", work.bias), ("SCALES_AT", work.scales)):
            whole[first + PLACES[name]] = arrays.add(array)
        whole[first + PLACES["TABLE_AT"]] = len(whole) + tables.add(work.table) // 4
    arrays.add(np.zeros(SLACK, np.uint8))
    return Constants(np.concatenate([whole, tables.joined().view(np.int32)]), arrays.joined(), list(firsts[:-1]))


class _Row:
    """Arrays behind each other, each at a multiple of some bytes; equal ones share their place."""

    def __init__(self, alignment):
        self._alignment, self._parts, self._places, self._n = alignment, [], {}, 0

    def add(self, array):
        """Append an array; the byte at which it stands."""
        content = array.tobytes()
        if content not in self._places:
            self._places[content] = self._n
            self._parts.append(content.ljust(-(-len(content) // self._alignment) * self._alignment, b"\0"))
            self._n += len(self._parts[-1])
        return self._places[content]

    def joined(self):
        """All of them, uint8."""
        return np.frombuffer(bytearray().join(self._parts), np.uint8)
