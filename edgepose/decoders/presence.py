"""Whether anybody is in the picture: a linear reading of the network's trunk, in integers.

MoveNet always answers with a person, and its heads tell people from things poorly. The coarse features under them
tell them well: their channels' sums over the picture, a weight a channel and the logistic are enough.
`models/build/presence.py` finds the weights; `models/build/README.md` has what it reaches.
"""

from decimal import Decimal

import numpy as np

from edgepose import native
from edgepose.decoders import logistic
from edgepose.errors import ModelError

_LAST = 256  # points of the logistic's table after the first: -8 to 8 in steps of 1/16


class Presence:
    """Reads the presence of somebody, 0..65535, from a model's context outputs.

    Parameters
    ----------
    model : Model whose manifest has a `[decode.presence]` table: `contexts`, `bias_q20`, `weights_q20`

    Raises
    ------
    ModelError : the table, or an output that it names, is missing or does not fit
    """

    def __init__(self, model):
        self._where, table = f"{model.folder / 'manifest.toml'}: decode.presence", model.decode["presence"]
        names = self._list(table, "contexts", str)
        outputs = list(model.outputs)
        for name in names:
            if name not in outputs:
                raise ModelError(f"{self._where}.contexts names {name!r}; the outputs are {', '.join(outputs)}")
        self._order = [outputs.index(name) for name in names]
        self._weights = np.array(self._list(table, "weights_q20", int), np.int32)
        self._bias_q20 = table.get("bias_q20")
        self._check(sum(model.outputs[name].shape[-1] for name in names))
        self._table = logistic_table()

    def read(self, outputs):
        """Presence, 0..65535, from a backend's outputs."""
        contexts = tuple(outputs[i] for i in self._order)
        return native.presence(contexts, self._weights, self._bias_q20, self._table)

    def _list(self, table, key, kind):
        values = table.get(key)
        if not isinstance(values, list) or not values or any(type(value) is not kind for value in values):
            raise ModelError(f"{self._where}.{key} is missing or no list of {kind.__name__}")
        return values

    def _check(self, n_channels):
        if len(self._weights) != n_channels:
            raise ModelError(f"{self._where}.weights_q20 has {len(self._weights)} weights for {n_channels} channels")
        if type(self._bias_q20) is not int:
            raise ModelError(f"{self._where}.bias_q20 is {self._bias_q20!r}; it takes a whole number")


def logistic_table():
    """uint16 (257,): the logistic from -8 to 8, 0..65535."""
    return logistic.table((Decimal(i - _LAST // 2) / 16 for i in range(_LAST + 1)), 65535, np.uint16)
