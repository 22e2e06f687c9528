"""Overlay pictures: the best frame as one file, or a file for every frame."""

import io
import os
import stat

import numpy as np

from edgepose.errors import SinkError
from edgepose.sinks.paths import sink_error, write_all

FORMATS = {
    ".png": ("PNG", {"compress_level": 4}),
    ".jpg": ("JPEG", {"quality": 92, "subsampling": 0}),  # thin coloured lines need the full colour resolution
    ".jpeg": ("JPEG", {"quality": 92, "subsampling": 0}),
    ".webp": ("WEBP", {"quality": 92, "method": 2}),
}


class BestPicture:
    """Keeps the frame whose poses score most together, the first of equals; draws and saves it when closed.

    Parameters
    ----------
    path : str, ends in a key of `FORMATS`
    painter : Painter
    """

    def __init__(self, path, painter):
        self._path, self._painter = path, painter
        self._picture = self._poses = None
        self._n_frames, self._best = 0, -1

    def write(self, poses):
        """Copy the frame where it is the best so far, into memory that is kept."""
        self._n_frames += 1
        total = sum(poses.scores_q16[:poses.n].tolist())
        if total > self._best:
            self._best = total
            self._keep(poses)

    def close(self):
        """Save the picture; without any frame there is none. SinkError where it cannot be written."""
        poses, self._poses = self._poses, None
        if poses is not None:
            caption = f"frame {poses.seq}" if self._n_frames > 1 else ""
            save(self._painter.draw(self._picture, poses, caption), self._path)

    def _keep(self, poses):
        if self._picture is None or self._picture.shape != poses.picture.shape:
            self._picture = np.empty(poses.picture.shape, np.uint8)
        np.copyto(self._picture, poses.picture)
        self._poses = poses.copy()


class PictureFolder:
    """Saves a picture for every frame, named as the frame's file, else by the frame's number.

    Parameters
    ----------
    path : str, an existing directory
    painter : Painter
    """

    def __init__(self, path, painter):
        self._path, self._painter = path, painter

    def write(self, poses):
        """Save one frame; SinkError where it cannot be written."""
        path = os.path.join(self._path, picture_name(poses.file, poses.seq))
        caption = f"frame {poses.seq}" if poses.file is None else ""
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except OSError as error:
            raise sink_error(path, error) from error
        save(self._painter.draw(poses.picture, poses, caption), path)

    def close(self):
        """Nothing is open between frames."""


def picture_name(file, seq):
    """A frame's name in a directory of overlays: never outside it; endings that cannot be written get `.png` added."""
    if file is None:
        return f"frame-{seq:06}.jpg"
    parts = [part for part in file.split("/") if part not in ("", ".", "..")]
    name = "/".join(parts) or f"frame-{seq:06}"
    return name if _suffix(name) in FORMATS else name + ".png"


def save(image, path):
    """Write a Pillow image in the format of its ending; SinkError, and no broken file, where that fails."""
    kind, options = FORMATS[_suffix(path)]
    memory = io.BytesIO()
    try:
        image.save(memory, kind, **options)
    except (OSError, ValueError) as error:
        raise SinkError(f"{path}: {kind} cannot hold this picture of {image.width}x{image.height} px ({error});"
                        " name another ending") from error
    _write(path, memory.getbuffer())


def _write(path, data):
    try:
        with open(path, "wb", buffering=0) as file:
            write_all(file, data)
    except OSError as error:
        _remove(path)
        raise sink_error(path, error) from error


def _remove(path):
    """Remove a file that was not written to its end; leaves devices alone."""
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            os.remove(path)
    except OSError:
        pass  # it could not even be made: the first error says why


def _suffix(path):
    return os.path.splitext(path)[1].lower()
