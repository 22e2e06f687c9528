"""What the file says of this machine: files, folders, sources, models. Every fault is a ValueError in words."""

import getpass
import os
import re
import stat
from pathlib import Path

import edgepose
from edgepose import backends, model
from edgepose.errors import EdgePoseError, ModelError, SourceError
from edgepose.sources import SOURCES
from edgepose.sources.address import mask_password
from edgepose.sources.kinds import kind_of

CLIP = "clip:"  # in front of the name of a clip that ships


def default_directory():
    """Where events are kept unless the file says: what systemd gives, else the system's place, or a plain user's."""
    if os.environ.get("STATE_DIRECTORY"):
        return os.environ["STATE_DIRECTORY"].partition(":")[0]
    if os.geteuid() == 0:
        return "/var/lib/edgepose"
    state = os.environ.get("XDG_STATE_HOME", "")
    return os.path.join(state if os.path.isabs(state) else os.path.expanduser("~/.local/state"), "edgepose")


def resolve(folder, name):
    """The path of a file or folder that the config names, which starts from its own folder."""
    return os.path.normpath(os.path.join(folder, os.path.expanduser(name)))


def find_source(folder, text):
    """What `open_source` takes for a camera's source; ValueError where there is nothing that moves."""
    if text.startswith(CLIP):
        return _shipped_clip(text)
    if "://" in text and not re.match(r"[^:/]+://[^/]", text):
        raise ValueError(f"{text} names no host")
    if not ("://" in text or text.startswith(("/dev/", "synthetic:", "picamera:"))):
        text = resolve(folder, text)
    try:
        kind = kind_of(text)
    except SourceError as error:
        raise ValueError(str(error).replace(text, mask_password(text))) from None
    if kind == "images":
        raise ValueError(f"{text} is pictures; a camera takes a video")
    if kind not in SOURCES:
        raise ValueError(f"{kind} is not available in this version; /dev/video0 or rtsp:// is")
    return text


def _shipped_clip(text):
    clips = Path(edgepose.__file__).parent / "clips"
    names = sorted(path.stem for path in clips.glob("*.mp4"))
    if text[len(CLIP):] not in names:
        raise ValueError(f"{text} does not ship; there is {', '.join(CLIP + name for name in names)}")
    return str(clips / f"{text[len(CLIP):]}.mp4")


def has_password(source):
    """Whether there is a password in an address."""
    return mask_password(source) != source


def is_open_to_others(path):
    """Whether somebody else than its owner may read a file."""
    try:
        return bool(os.stat(path).st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False


def check_readable(path):
    """ValueError unless a file can be read."""
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None


def check_secret(path):
    """ValueError unless a file can be read and its first line says something."""
    check_readable(path)
    with open(path, "rb") as file:
        if not file.readline(4096).strip():
            raise ValueError(f"{path} has nothing in its first line")


def check_folder(path):
    """ValueError unless we can write there, once the folders that are missing have been made."""
    found = path
    while not os.path.lexists(found) and os.path.dirname(found) != found:
        found = os.path.dirname(found)
    if not os.path.isdir(found):
        raise ValueError(f"{found} is not a folder")
    if not os.access(found, os.W_OK | os.X_OK):
        raise ValueError(f"{found} cannot be written by {_user()}")


def _user():
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.geteuid()}"


def check_model(name):
    """ValueError unless a model of the name is here."""
    try:
        found = model.load(name)
    except ModelError as error:
        raise ValueError(str(error)) from None
    if not found.installed:
        raise ValueError(f"{name} is not here yet; `edgepose models pull {name}` gets it")


def check_backend(name, device):
    """ValueError unless there is such a backend, and it takes a device where one is given."""
    if name not in ("auto", *backends.BACKENDS):
        raise ValueError(f"is {name!r}; it takes one of auto, {', '.join(backends.BACKENDS)}")
    try:
        backends.check(name, {} if device is None else {"device": device})
    except EdgePoseError as error:
        raise ValueError(str(error)) from None
