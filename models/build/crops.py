"""Square crops of people, resampled to the network's input."""

import os
from pathlib import Path

import cv2
import numpy as np

MARGIN = 1.25


def data_dir():
    """The folder of measurement data: EDGEPOSE_DATA, else ../shared/data."""
    default = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
    return Path(os.environ.get("EDGEPOSE_DATA", default)).resolve()


def read_image(path):
    """uint8 (height, width, 3), BGR.

    Raises
    ------
    OSError : the file is missing or is no picture
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise OSError(f"{path}: not a readable picture; check EDGEPOSE_DATA")
    return image


def square_around(box, margin=MARGIN):
    """The square around a box's centre.

    Parameters
    ----------
    box : x, y, width, height in pixels
    margin : the square's side over the box's longer side

    Returns
    -------
    left, top, side : int, pixels
    """
    x, y, width, height = box
    side = max(round(max(width, height) * margin), 1)
    return round(x + width / 2 - side / 2), round(y + height / 2 - side / 2), side


def cut_square(image, square, size):
    """One square of an image at the network's size.

    Parameters
    ----------
    image : uint8 (height, width, 3)
    square : left, top, side, may reach outside
    size : int, side of the result

    Returns
    -------
    uint8 (size, size, 3) : area averages when shrinking, bilinear when growing
    """
    left, top, side = square
    canvas = np.zeros((side, side, 3), np.uint8)
    rows, columns = slice(max(top, 0), top + side), slice(max(left, 0), left + side)
    part = image[rows, columns]
    y, x = rows.start - top, columns.start - left
    canvas[y : y + part.shape[0], x : x + part.shape[1]] = part
    return resample(canvas, size)


def resample(square, size):
    """Resize a square picture."""
    method = cv2.INTER_AREA if square.shape[0] > size else cv2.INTER_LINEAR
    return cv2.resize(square, (size, size), interpolation=method)


def to_image(pose, square, size):
    """Keypoints from input pixels to image pixels; scores stay."""
    left, top, side = square
    return pose * (side / size, side / size, 1) + (left, top, 0)
