"""The logistic function as a table of integers."""

from decimal import Decimal, localcontext

import numpy as np


def table(logits, one, dtype):
    """The logistic of some Decimals, `one` standing for 1.

    Computed in decimal arithmetic, so that every machine gets the same bits.
    """
    with localcontext() as context:
        context.prec = 20
        return np.array([round(one / (1 + (-Decimal(logit)).exp())) for logit in logits], dtype)
