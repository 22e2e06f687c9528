"""Skeleton clips as files: `edgepose.clip/1`, gzipped JSON. docs/daemon/clips.md has the format."""

import gzip
import json

from edgepose.errors import ConfigError, first_line

SCHEMA = "edgepose.clip/1"
MAX_BYTES = 256 << 20  # of JSON; no clip of ours comes near
_LEVEL = 6


def head(event, camera, skeleton, size, times):
    """All of a clip but its frames, plain values.

    Parameters
    ----------
    event : Event
    camera : CameraSettings, whose zones go along
    skeleton : Skeleton
    size : (width, height) int, px
    times : dict of `begin_ms`, `length_ms`, `opened_ms`, `closed_ms`, `ended`, `gaps`
    """
    names = {"name": skeleton.name, "keypoints": list(skeleton.keypoints), "edges": [list(e) for e in skeleton.limbs]}
    zones = [{"name": zone.name, "points": [list(point) for point in zone.points]} for zone in camera.zones]
    width, height = size
    return {"schema": SCHEMA, "event": event.as_table(), "camera": camera.name, "privacy": event.privacy,
            "skeleton": names, "width": width, "height": height, **times, "zones": zones}


def pack(clip, frames):
    """The bytes of a file.

    Parameters
    ----------
    clip : dict, as `head` makes it
    frames : iterable of frames as `Cut.frames` gives them; turned into text one by one, so that other threads get
        their turn
    """
    texts = [json.dumps(frame, separators=(",", ":")) for frame in frames]
    text = json.dumps(clip, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(f'{text[:-1]},"frames":[{",".join(texts)}]}}'.encode(), _LEVEL, mtime=0)


def read(path):
    """The clip in a file, as a dict.

    Raises
    ------
    ConfigError : it is no skeleton clip
    OSError : it cannot be read
    """
    try:
        with gzip.open(path) as file:
            clip = json.loads(file.read(MAX_BYTES))
        if clip["schema"] != SCHEMA:
            raise ValueError(f"its schema is {clip['schema']!r}, not {SCHEMA!r}")
    except (gzip.BadGzipFile, EOFError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{path}: no skeleton clip: {first_line(error)}") from error
    return clip
