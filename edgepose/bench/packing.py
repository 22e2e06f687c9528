"""Samples as text that fits into JSON: little-endian, zlib, base64."""

import base64
import binascii
import zlib

import numpy as np

from edgepose.errors import ConfigError

DTYPES = ("<u4", "<i8", "<f8", "|u1")


def pack(values, dtype):
    """A JSON object of a 1-d array; values that do not fit the type are clipped to its limits."""
    values = np.asarray(values)
    if dtype != "<f8":
        limits = np.iinfo(dtype)
        values = np.clip(values, limits.min, limits.max)
    data = np.ascontiguousarray(values, dtype)
    planes = data.view(np.uint8).reshape(-1, data.itemsize).T  # bytes of like weight side by side pack better
    packed = zlib.compress(planes.tobytes(), 9)
    return {"dtype": dtype, "n": len(data), "zlib": base64.b64encode(packed).decode()}


def unpack(table, where):
    """The array of an object that `pack` made. ConfigError names `where` it is damaged."""
    try:
        dtype, n = table["dtype"], table["n"]
        if dtype not in DTYPES:
            raise ValueError(f"type {dtype!r}")
        size = np.dtype(dtype).itemsize
        raw = zlib.decompress(base64.b64decode(table["zlib"], validate=True))
        planes = np.frombuffer(raw, np.uint8).reshape(size, n)
    except (KeyError, TypeError, ValueError, binascii.Error, zlib.error) as error:
        raise ConfigError(f"{where}: damaged samples: {error}") from error
    return np.ascontiguousarray(planes.T).reshape(-1).view(dtype)
