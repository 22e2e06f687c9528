"""`python -m edgepose.convert XML BIN HEIGHT WIDTH FILE`: write the .tflite, print what its manifest has to say."""

import hashlib
import sys
from pathlib import Path

from edgepose.convert import openpose
from edgepose.convert.tflite_reader import read
from edgepose.errors import EdgePoseError

USAGE = "usage: python -m edgepose.convert XML BIN HEIGHT WIDTH FILE"


def main(arguments):
    """Convert once; returns the exit code."""
    if len(arguments) != 5 or not all(number.isdigit() for number in arguments[2:4]):
        print(USAGE, file=sys.stderr)
        return 2
    xml, weights, height, width, target = arguments
    try:
        data = openpose.convert(xml, weights, int(height), int(width))
        Path(target).write_bytes(data)
    except (EdgePoseError, OSError) as error:
        print(f"edgepose.convert: {error}", file=sys.stderr)
        return 2
    _print(data)
    return 0


def _print(data):
    """The pins and the outputs, as a manifest has them."""
    print(f'size_bytes = {len(data)}\nsha256 = "{hashlib.sha256(data).hexdigest()}"')
    for tensor in read(data)[2]:
        print(f'\n[outputs.{tensor.name}]\nshape = {list(tensor.shape[1:])}\ndtype = "{tensor.dtype}"'
              f"\nscale = {tensor.scale[0]:.9g}\nzero_point = {tensor.zero_point}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
