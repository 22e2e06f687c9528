"""A first config, for the cameras that are here."""

import json
import os
import re
from importlib import resources

from edgepose import board
from edgepose.daemon.config import devices
from edgepose.errors import ConfigError

_TRIAL = "no camera was found, so a clip that ships; put rtsp://... or {source} here"
_CAMERA = """
# {title}
[[camera]]
name = {name}
source = {source}
fps = {fps:<22} # frames a second that are looked at, at most
timeout_s = 10               # so long without a frame, and it is connected anew
show_picture = false         # true: the page may show the picture behind the skeletons

# Zones are drawn on the page, or written: corners as parts of the picture's width and height, from its top left.
#[[camera.zone]]
#name = "bed"
#points = [[0.1, 0.5], [0.5, 0.5], [0.5, 0.9], [0.1, 0.9]]

[[camera.rule]]
name = "somebody comes"
kind = "enter"
#zones = ["door"]            # without: the whole picture
modes = ["away"]

[[camera.rule]]
name = "fall"
kind = "fall"
#outside = ["bed"]           # zones in which lying down is fine
severity = "alarm"           # must be acknowledged; until then it is told again and again

[[camera.rule]]
name = "cannot see"
kind = "blind"
"""


def write(path, cameras=None):
    """Write a config with every camera that is found, and never over a file that is there.

    Parameters
    ----------
    path : str or Path
    cameras : list of devices.Camera, or None to look

    Returns
    -------
    list of str, what was found and written, a line each

    Raises
    ------
    ConfigError : the file exists, or cannot be written
    """
    if os.path.lexists(path):
        raise ConfigError(f"{path}: is there already, and stays as it is; name another file")
    found = devices.find_cameras() if cameras is None else cameras
    text = _compose(found, board.detect())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # a password may come into it
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
    lines = [f"found {camera.source}: {camera.title}" for camera in found] or ["found no camera; the file has a clip"]
    return [*lines, f"wrote {path}"]


def _compose(found, here):
    """The example's head with the cameras that were found, or a clip, at the pace that suits the board."""
    cameras = found or [devices.Camera("clip:pedestrians", _TRIAL.format(source=here.camera.source))]
    example = resources.files("edgepose.daemon.config").joinpath("example.toml").read_text(encoding="utf-8")
    head, _, _ = example.partition("[[camera]]")
    head = re.sub(r"\A# What .*\n", "# What `edgepose daemon --config FILE` does.\n", head).rstrip()
    return head + "\n" + "".join(_CAMERA.format(title=camera.title, name=json.dumps(_name(n, cameras)),
                                               source=json.dumps(_source(camera, here)), fps=f"{here.camera.fps:g}")
                          for n, camera in enumerate(cameras))


def _source(camera, here):
    """A camera's source; the board's own camera is told which size and pace suit the board."""
    usual = here.camera
    if here.generic or camera.source != usual.source:
        return camera.source
    return f"{usual.source}?size={usual.width}x{usual.height}&fps={usual.fps:g}"


def _name(n, cameras):
    return "camera" if len(cameras) == 1 else f"camera-{n + 1}"
