"""Picture files: finding them, and decoding one with Pillow."""

import os

import numpy as np
from PIL import Image, ImageOps

from edgepose.errors import SourceError
from edgepose.frame import MAX_SIDE_PX, Frame
from edgepose.sources.kinds import PICTURE_SUFFIXES

_ORIENTATION, _UPRIGHT = 0x0112, 1  # EXIF 2.3, 4.6.4


def find_pictures(root, recursive=False, report=None):
    """Paths of the pictures in a directory, relative to it, POSIX style, sorted by code point.

    Parameters
    ----------
    root : str
    recursive : bool, look into its folders too; hidden files are left out
    report : callable of one line, told of folders that cannot be read; or None

    Raises
    ------
    SourceError : the directory cannot be read or holds no pictures
    """
    def complain(error):
        if os.path.samefile(error.filename, root):
            raise SourceError(f"{root}: cannot be read: {error.strerror}") from error
        if report is not None:
            report(f"{error.filename}: left out: {error.strerror}")

    found = []
    for folder, folders, files in os.walk(root, onerror=complain):
        if not recursive:
            folders.clear()
        found += [os.path.join(folder, file) for file in files if _is_picture(folder, file)]
    if not found:
        raise SourceError(f"{root}: no pictures here ({' '.join(PICTURE_SUFFIXES)})"
                          + ("" if recursive else "; --recursive looks into its folders too"))
    return sorted(os.path.relpath(path, root).replace(os.sep, "/") for path in found)


def _is_picture(folder, file):
    named = file.lower().endswith(PICTURE_SUFFIXES) and not file.startswith(".")
    return named and os.path.isfile(os.path.join(folder, file))


def load_picture(path):
    """Decode a picture file: upright as its EXIF says, as rgb24 or, where it is grey, gray8.

    Parameters
    ----------
    path : str

    Returns
    -------
    Frame that owns its pixels

    Raises
    ------
    SourceError : no picture, a damaged one, or one with a side above 16384 px

    Notes
    -----
    Transparent pixels are laid on white, as a browser shows them. 16-bit grey keeps its upper 8 bits.
    """
    try:
        with Image.open(path) as image:
            _check_size(path, image.size)
            pixels, grey = _to_uint8(image)
    except SourceError:
        raise
    except Image.UnidentifiedImageError:
        raise SourceError(f"{path}: no picture, or of a kind that Pillow cannot read; JPEG and PNG are safe") from None
    except Exception as error:  # Pillow lets through whatever its parsers stumble over
        reason = getattr(error, "strerror", None)  # the system's word: there is none, or it may not be read
        raise SourceError(f"{path}: {reason or f'the picture is broken: {error}'}") from error
    return Frame.from_array(pixels, "gray8" if grey else "rgb24")


def _check_size(path, size):
    if max(size) > MAX_SIDE_PX or min(size) < 1:
        raise SourceError(f"{path}: the picture is {size[0]}x{size[1]} px; each side must be 1 to {MAX_SIDE_PX}")


def _to_uint8(image):
    """Pixels as uint8, (H, W, 3) or (H, W), and whether they are grey."""
    if image.getexif().get(_ORIENTATION, _UPRIGHT) != _UPRIGHT:
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        return _upper_bits(np.asarray(image)), True
    if image.mode in ("L", "1"):
        return np.asarray(image.convert("L")), True
    if _is_see_through(image):
        image = _on_white(image)
    return np.asarray(image.convert("RGB")), False


def _upper_bits(levels):
    """16-bit grey to 8 bits; Pillow keeps it as 16 or as 32 bits, in either byte order."""
    return (np.clip(levels, 0, 65535) >> 8).astype(np.uint8)


def _is_see_through(image):
    """Pillow tells by itself from 10.1 on; Debian's for 32-bit ARM is 9.4."""
    return (image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info
            or (image.mode == "P" and image.palette.mode.endswith("A")))


def _on_white(image):
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA"))
