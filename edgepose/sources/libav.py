"""The edge to PyAV: what differs between its versions, and its errors in our words."""

import time

import av
from av.error import ExitError, FFmpegError, HTTPForbiddenError, HTTPUnauthorizedError, InvalidDataError

from edgepose.errors import SourceError, SourceTimeout

_MAJOR = int(av.__version__.partition(".")[0])
# Before PyAV 19 a tag that is not UTF-8 kept the whole file from opening; from 19 on there is no such option
_TAGS = {"metadata_errors": "replace"} if _MAJOR < 19 else {}
#: What keeps a reformatter to the caller's thread; Debian's PyAV 10 knows no other, and takes no such word
ONE_THREAD = {"threads": 1} if _MAJOR >= 17 else {}
_UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED
_NO_VIDEO = ("tty",)  # FFmpeg would draw any text file as a terminal


def open_container(address, name, format=None, options=None, timeout_s=None):
    """Open a file, an address or a camera for reading.

    Parameters
    ----------
    address : str, as FFmpeg takes it, with any password
    name : str, what errors call it
    format : str or None, FFmpeg's name of a format or device
    options : dict of str, FFmpeg's options
    timeout_s : float or None, limit for connecting and for every read

    Raises
    ------
    SourceError, SourceTimeout : it cannot be opened; the line says why
    """
    begun = time.monotonic()
    try:
        container = av.open(address, format=format, options=options or {}, timeout=timeout_s, **_TAGS)
    except FFmpegError as error:
        late = timeout_s is not None and time.monotonic() - begun >= timeout_s  # RTSP then reports invalid data
        raise in_our_words(error, name, late) from None  # PyAV's own text would show the password
    if container.format.name in _NO_VIDEO:
        container.close()
        raise SourceError(f"{name}: a text file, no video")
    return container


def video_stream(container, name):
    """The stream that holds the pictures; where there is none to decode, SourceError, and the container is closed."""
    stream = _best_video(container.streams)
    if stream is not None and stream.codec_context is not None:
        return stream
    kinds = " and ".join(sorted({other.type for other in container.streams})) or "nothing that can be read"
    container.close()
    if stream is not None:
        raise SourceError(f"{name}: its video is of a kind that this FFmpeg cannot decode; convert it to H.264")
    raise SourceError(f"{name}: no video in it, only {kinds}")


def _best_video(streams):
    """FFmpeg's choice; the first one before PyAV 11, which cannot ask."""
    return streams.best("video") if hasattr(streams, "best") else next(iter(streams.video), None)


def colour_tags(picture):
    """(matrix, range) by a picture's own word, FFmpeg's numbers; unspecified before PyAV 11, which cannot tell."""
    return getattr(picture, "colorspace", _UNSPECIFIED), getattr(picture, "color_range", 0)


def rotation_deg(picture):
    """How far a picture is turned, counter-clockwise; 0 before PyAV 14, which cannot tell."""
    return getattr(picture, "rotation", 0)


def in_our_words(error, name, late=False):
    """The SourceError for one of PyAV's errors while opening; one line that names the source and the way out."""
    if late or isinstance(error, (ExitError, TimeoutError)):
        return SourceTimeout(f"{name}: no answer in time; is it switched on, and is the address right?")
    if isinstance(error, (HTTPUnauthorizedError, HTTPForbiddenError)):
        return SourceError(f"{name}: it asks for another login; give it as rtsp://user:password@host/…")
    if isinstance(error, InvalidDataError):
        return SourceError(f"{name}: no video that FFmpeg can read, or a damaged one")
    return SourceError(f"{name}: {error.strerror}{_way_out(error, name)}")


def _way_out(error, name):
    camera = name.startswith("/dev/")
    if camera and isinstance(error, FileNotFoundError):
        return "; is the camera plugged in? `ls /dev/video*` shows those that are"
    if camera and isinstance(error, PermissionError):
        return "; add yourself to the group 'video' and log in again"
    if camera:
        return "; is it a camera, and does no other program use it?"
    return "; check address and port" if "://" in name else ""
