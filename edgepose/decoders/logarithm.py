"""The natural logarithm as a table of integers."""

from decimal import Decimal, localcontext

import numpy as np


def table(values, one, dtype):
    """The logarithm of some positive Decimals, `one` standing for 1.

    Computed in decimal arithmetic, so that every machine gets the same bits.
    """
    with localcontext() as context:
        context.prec = 20
        return np.array([round(one * Decimal(value).ln()) for value in values], dtype)
