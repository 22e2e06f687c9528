"""Presence in plain NumPy integers: the reference of presence.c, and its stand-in without a compiler."""

import numpy as np

STEP_BITS = 16  # of z in Q20: the table has a point every 1/16, from -8 to 8
LAST = 256


def presence(contexts, weights, bias_q20, table):
    """How sure it is that somebody is in the picture.

    Parameters
    ----------
    contexts : tuple of int8 (rows, columns, C_i), features of the network's trunk
    weights : int32 (C_0 + C_1 + ...,), Q20 logit per stored unit, summed over a context's cells
    bias_q20 : int, Q20 logit, zero points included
    table : uint16 (257,), the logistic at -8, -8 + 1/16, ... 8

    Returns
    -------
    int, 0..65535; straight lines between the table's points
    """
    sums = np.concatenate([context.sum(axis=(0, 1), dtype=np.int64) for context in contexts])
    return read_sums(sums, weights, bias_q20, table)


def read_sums(sums, weights, bias_q20, table):
    """The same from the channels' sums, int64 (C_0 + C_1 + ...,)."""
    z_q20 = int(sums @ weights.astype(np.int64)) + int(bias_q20)
    place = min(max(z_q20 + (LAST // 2 << STEP_BITS), 0), (LAST << STEP_BITS) - 1)
    i, part = place >> STEP_BITS, place & ((1 << STEP_BITS) - 1)
    low, high = int(table[i]), int(table[i + 1])
    return (low * ((1 << STEP_BITS) - part) + high * part + (1 << (STEP_BITS - 1))) >> STEP_BITS
