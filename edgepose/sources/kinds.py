"""Tells from what a user gave whether it is pictures, a video, a camera or a drawing."""

import os

from edgepose.errors import SourceError

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pnm", ".avif",
                    ".heic")
STREAM_SCHEMES = ("rtsp", "rtsps", "http", "https")
ACCEPTED = "a picture, a directory of pictures, a video file, rtsp://… or http://…, /dev/video0 or synthetic:"

_MOTION_JPEG = (".mjpg", ".mjpeg")  # a row of JPEGs in one file begins like one JPEG
_PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"BM", b"II*\0", b"MM\0*", b"P1\n", b"P2\n", b"P3\n", b"P4\n",
                   b"P5\n", b"P6\n")
_PICTURE_BRANDS = (b"WEBP", b"avif", b"heic", b"heix", b"mif1")  # at byte 8, behind RIFF or ftyp


def kind_of(spec):
    """The kind of source that a spec names: a key of `edgepose.sources.SOURCES`.

    Raises
    ------
    SourceError : nothing is there, or nothing that can be read
    """
    head, colon, _ = spec.partition(":")
    if head in ("synthetic", "picamera") and (colon or not os.path.exists(spec)):
        return head
    if "://" in spec:
        return _kind_of_address(spec)
    if spec.startswith(("/dev/video", "/dev/v4l/")):
        return "video"
    return _kind_of_path(spec)


def _kind_of_address(address):
    scheme = address.partition("://")[0]
    if scheme.lower() in STREAM_SCHEMES:
        return "video"
    raise SourceError(f"{scheme}:// is not known; a source is {ACCEPTED}")


def _kind_of_path(path):
    if os.path.isdir(path):
        return "images"
    if not os.path.exists(path):
        raise SourceError(f"{path or repr(path)}: no such file or directory; a source is {ACCEPTED}")
    suffix = os.path.splitext(path)[1].lower()
    if suffix in PICTURE_SUFFIXES:
        return "images"
    if suffix in _MOTION_JPEG or not os.path.isfile(path):
        return "video"
    return "images" if _starts_like_picture(path) else "video"


def _starts_like_picture(path):
    try:
        with open(path, "rb") as file:
            start = file.read(12)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    return start.startswith(_PICTURE_STARTS) or start[8:12] in _PICTURE_BRANDS
