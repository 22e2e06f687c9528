"""Which cameras this machine has: asked without opening a stream, so that nothing waits and nothing starts."""

import ctypes
import os
import re
import shutil
import struct
import subprocess
from collections import namedtuple
from contextlib import suppress
from pathlib import Path

from edgepose.sources import SOURCES

#: A camera: the `source` that names it, and what it calls itself.
Camera = namedtuple("Camera", "source title")

#: VIDIOC_QUERYCAP and its struct v4l2_capability, https://docs.kernel.org/userspace-api/media/v4l/vidioc-querycap.html
_QUERYCAP = 0x80685600
_CAPABILITY = struct.Struct("=16s32s32s3I12x")
_VIDEO_CAPTURE, _DEVICE_CAPS = 0x1, 1 << 31
_PI_TOOLS = ("rpicam-hello", "libcamera-hello")
_PATIENCE_S = 10.0
_PI_PARTS = (b"bcm2835-isp", b"unicam", b"rp1-cfe", b"pispbe")  # drivers of stages of a Pi's camera, of no use alone
_LISTED = re.compile(r"^[ \t]*(\d{1,2})[ \t]*:[ \t]*(\w[\w-]*)[ \t]*\[.*$", re.MULTILINE)


def find_cameras(folder="/dev"):
    """Every Camera: V4L2 devices that capture, then the cameras of libcamera's tools."""
    nodes = sorted(Path(folder).glob("video*"), key=lambda path: (len(path.name), path.name))
    found = [Camera(str(path), title) for path, title in zip(nodes, map(_ask, nodes)) if title]
    return found + (_pi_cameras() if "picamera" in SOURCES else [])


def _ask(path):
    """What a V4L2 device that captures pictures calls itself, or None; it is not opened for streaming."""
    import fcntl

    buffer = ctypes.create_string_buffer(_CAPABILITY.size)
    with suppress(OSError):
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(handle, _QUERYCAP, buffer)
        finally:
            os.close(handle)
        return read_capability(buffer.raw)
    return None


def read_capability(data):
    """The card's name in a struct v4l2_capability, or None where the device does not capture.

    Parameters
    ----------
    data : bytes (104)
    """
    driver, card, _, _, of_all, of_this = _CAPABILITY.unpack(data)
    if not (of_this if of_all & _DEVICE_CAPS else of_all) & _VIDEO_CAPTURE:
        return None
    if driver.startswith(_PI_PARTS):
        return None
    name = card.partition(b"\0")[0].decode("ascii", "replace")
    return "".join(char for char in name if char.isprintable()) or "camera"


def _pi_cameras():
    """What libcamera's tools list; nothing where there are none."""
    tool = next(filter(None, map(shutil.which, _PI_TOOLS)), None)
    if tool is None:
        return []
    try:
        done = subprocess.run([tool, "--list-cameras"], capture_output=True, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, timeout=_PATIENCE_S)
    except (OSError, subprocess.SubprocessError):
        return []
    return read_list(done.stdout + done.stderr)


def read_list(text):
    """Every Camera in the words of `rpicam-hello --list-cameras`: lines such as `0 : imx708 [4608x2592 ...] (...)`."""
    return [Camera(f"picamera:{found[1]}", found[2]) for found in _LISTED.finditer(text) if "usb" not in found[0]]
