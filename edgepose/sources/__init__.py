"""Where frames come from: `open_source` gives the source that a path or an address names."""

import importlib
import os
from collections import namedtuple

from edgepose.errors import SourceError
from edgepose.sources.kinds import kind_of

SourceKind = namedtuple("SourceKind", "module class_name options needs")

#: Every source by its kind: where its class is, which options of `open_source` it takes, and the package it needs.
SOURCES = {
    "images": SourceKind("edgepose.sources.images", "ImagesSource", ("recursive", "report"), "pillow"),
    "video": SourceKind("edgepose.sources.video", "VideoSource", ("timeout_s", "threads", "tap"), "av"),
    "picamera": SourceKind("edgepose.sources.picamera", "PicameraSource", ("timeout_s",), "numpy"),
    "synthetic": SourceKind("edgepose.sources.synthetic", "SyntheticSource", (), "pillow"),
}


def open_source(spec, **options):
    """Open what a user names.

    Parameters
    ----------
    spec, options : as `prepare_source` takes them

    Returns
    -------
    Source, opened; the caller closes it

    Raises
    ------
    SourceError : there is nothing, or nothing that can be read
    SourceTimeout : a stream or camera does not answer
    """
    source = prepare_source(spec, **options)
    source.open()
    return source


def prepare_source(spec, *, recursive=False, report=None, timeout_s=5.0, threads=1, tap=None):
    """The source that a user names, not open yet: another thread can close it while it opens.

    Parameters
    ----------
    spec : str or path: a picture, a directory of pictures, a video file, rtsp://… or http://…, /dev/video0,
        picamera:0 or synthetic:
    recursive : bool, of a directory take the pictures in its folders too
    report : callable of one line, told of broken pictures that are skipped; or None
    timeout_s : float, limit for connecting to a stream or camera and for every read from it
    threads : int, decoder threads of a video
    tap : callable of every packet of a video and PyAV's stream that it is of, called in the thread that reads, before
        the packet is decoded; or None

    Returns
    -------
    Source

    Raises
    ------
    SourceError : there is nothing, or nothing that can be read
    """
    spec = os.fspath(spec)
    kind = kind_of(spec)
    given = {"recursive": recursive, "report": report, "timeout_s": timeout_s, "threads": threads, "tap": tap}
    return find(kind)(spec, **{option: given[option] for option in SOURCES[kind].options})


def find(kind):
    """The class of a kind of source; SourceError where a package that it needs is not installed."""
    entry = SOURCES[kind]
    try:
        return getattr(importlib.import_module(entry.module), entry.class_name)
    except ImportError as error:
        raise SourceError(f"{kind} sources need the package {entry.needs!r}, which does not load: {error};"
                          f" `pip install {entry.needs}`") from error
