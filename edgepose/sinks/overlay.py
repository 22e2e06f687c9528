"""Poses drawn on the pictures they were found in."""

import os

from edgepose.errors import SinkError
from edgepose.sinks.paths import check_file, check_folder

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
VIDEOS = (".mp4", ".mkv", ".mov", ".avi")


class OverlaySink:
    """Draws poses into a video, a picture or a directory of pictures, as the path's ending says.

    Parameters
    ----------
    path : str or path
        .mp4 .mkv .mov .avi: a video, every frame shown when it was captured;
        .png .jpg .jpeg .webp: one picture, the frame whose poses score most together, saved when closed;
        a directory, or a path that ends in "/": a picture for every frame
    min_score : float, keypoints that score less are left out, and limbs that end there
    """

    wants_picture = True

    def __init__(self, path, min_score=0.2):
        self._path, self._min_score, self._output = os.fsdecode(path), min_score, None

    def open(self, run):
        """Check the path and load what draws; SinkError where it cannot be written. Touches no file that exists."""
        make = _output_kind(self._path, run)
        try:
            self._output = make(self._path, self._min_score, run)
        except ImportError as error:
            raise SinkError(f"{self._path}: overlays need Pillow and PyAV: pip install pillow av ({error})") from error

    def write(self, poses):
        """Draw one frame; SinkError where it cannot be written."""
        self._output.write(poses)

    def close(self):
        """Finish the file; closing twice is fine."""
        output, self._output = self._output, None
        if output is not None:
            output.close()

    def __repr__(self):
        return f"<OverlaySink {self._path}>"


def _output_kind(path, run):
    """What makes the output for a path, after checking that it can be written."""
    if path.endswith("/") or os.path.isdir(path):
        check_folder(path, run)
        return _folder
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in PICTURES + VIDEOS:
        raise SinkError(f"{path}: its ending {suffix!r} says no kind of overlay; a picture ends in"
                        f" {' '.join(PICTURES)}, a video in {' '.join(VIDEOS)}, a directory in /")
    check_file(path, run)
    return _picture if suffix in PICTURES else _video


def _folder(path, min_score, run):
    from edgepose.sinks.drawing import Painter
    from edgepose.sinks.picture_file import PictureFolder
    return PictureFolder(path, Painter(run.skeleton, min_score))


def _picture(path, min_score, run):
    from edgepose.sinks.drawing import Painter
    from edgepose.sinks.picture_file import BestPicture
    return BestPicture(path, Painter(run.skeleton, min_score))


def _video(path, min_score, run):
    from edgepose.sinks.drawing import Painter
    from edgepose.sinks.video_file import VideoFile
    return VideoFile(path, Painter(run.skeleton, min_score), run.fps)
