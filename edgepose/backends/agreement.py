"""Whether a file's tensors are what the manifest says."""

import numpy as np

from edgepose.errors import ModelError
from edgepose.model import Output


def check(path, model, name, taken, found):
    """Raise ModelError, which names file and tensor, unless they are.

    Parameters
    ----------
    path : of the file
    model : Model
    name, taken : str and Output, the file's input
    found : {str: Output}, the file's outputs; shapes have the batch in front
    """
    size = model.input
    _compare(path, name, taken, Output((size.height, size.width, 3), "uint8", size.scale, size.zero_point))
    for name, expected in model.outputs.items():
        if name not in found:
            raise ModelError(f"{path}: no output tensor {name!r}; it has {', '.join(sorted(found))}")
        _compare(path, name, found[name], expected)


def _compare(path, name, found, expected):
    """Compare type, shape and quantisation; scales as the file stores them."""
    shape = [1, *expected.shape]
    same = (list(found.shape) == shape and found.dtype == expected.dtype and found.zero_point == expected.zero_point
            and np.float32(found.scale) == np.float32(expected.scale))
    if not same:
        raise ModelError(f"{path}: tensor {name} is {found.dtype} {list(found.shape)}, scale {found.scale}, zero point"
                         f" {found.zero_point}; the manifest says {expected.dtype} {shape}, scale {expected.scale},"
                         f" zero point {expected.zero_point}")
