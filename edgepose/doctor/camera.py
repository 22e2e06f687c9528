"""Cameras on the board itself; those of the network need nothing here."""

import importlib.util
import os

from edgepose.doctor.finding import weigh

#: Names of the stages of a Pi's camera and of its decoders, which are no cameras by themselves.
_PI_PARTS = ("bcm2835-isp", "bcm2835-codec", "unicam", "rp1-cfe", "pispbe", "rpivid", "rpi-hevc-dec", "rpi-hevc")
_PI_SENSORS = ("unicam", "rp1-cfe")  # there only where a sensor has answered
_RAW = "vi-output"  # of a Jetson: what a ribbon camera sends, before NVIDIA's picture processor
DEVICES = "/dev"
JOIN = "sudo usermod -aG video $USER, then log in again"
PICAMERA = ("sudo apt install python3-picamera2, and a virtual environment that sees it:"
            " python3 -m venv --system-site-packages")
PLUG = "look at the cable at both ends, and at what rpicam-hello --list-cameras says"
LOOP = "take a USB or network camera, or let GStreamer (nvarguscamerasrc) write into a v4l2loopback device"


def examine(place):
    """Cameras that are there, that we may read, and that we can read."""
    names = list(dict.fromkeys(place.texts("sys/class/video4linux/video*/name")))
    cameras = _live_cameras() if place.live else [name for name in names if not name.startswith(_PI_PARTS)]
    on_ribbon = any(name.startswith(_PI_SENSORS) for name in names)
    faults = [(f"{name}: a ribbon camera's raw picture, which edgepose cannot read", LOOP)
              for name in cameras if _RAW in name]
    faults += _live_faults(cameras, on_ribbon) if place.live else []
    facts = [name for name in cameras if _RAW not in name]
    if on_ribbon and not place.live:
        facts.append("a camera on the ribbon cable")
    return weigh(facts if facts or faults else ["none plugged in; network cameras (rtsp://) need none"], faults)


def _live_cameras():
    from edgepose.daemon.config.devices import find_cameras

    return [f"{camera.source} {camera.title}" for camera in find_cameras()]


def _live_faults(cameras, on_ribbon):
    """Devices that we may not use, and what a Pi's own camera lacks."""
    denied = [node.path for node in os.scandir(DEVICES) if node.name.startswith("video")
              and not os.access(node.path, os.R_OK | os.W_OK)]
    if denied:
        yield f"not yours to read: {', '.join(sorted(denied))}", JOIN
    seen = any(camera.startswith("picamera") for camera in cameras)
    if on_ribbon and not seen and not denied:
        yield "a camera on the ribbon cable that libcamera does not list", PLUG
    if (on_ribbon or seen) and importlib.util.find_spec("picamera2") is None:
        yield "this Python has no picamera2, which reads the board's own camera", PICAMERA
