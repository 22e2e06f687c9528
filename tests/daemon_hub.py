"""A Hub for the daemon's doors: real poses and pictures of the shipped clip, events and clips made of them.

`python -m tests.daemon_hub` serves the page with it, to look at while working on it.
"""

import gzip
import io
import json
import tempfile
import threading
import time
from contextlib import redirect_stderr
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from edgepose import cli, skeleton
from edgepose.daemon.config.settings import MODES
from edgepose.daemon.events.event import Event
from edgepose.errors import ConfigError

CLIP = Path(cli.__file__).parent.parent / "clips" / "pedestrians.mp4"
SECRET = "kV9-never-shown"
NOW_MS = 1_795_298_400_000
DAY_MS = 86_400_000


@lru_cache(maxsize=1)
def clip_lines():
    """The poses of every frame of the shipped clip, as `edgepose run` writes them."""
    with tempfile.TemporaryDirectory() as folder, redirect_stderr(io.StringIO()):
        file = Path(folder) / "poses.jsonl"
        assert cli.main(["run", str(CLIP), "--backend", "tflite", "--budget-ms", "15", "--output", str(file)]) == 0
        return tuple(file.read_text().splitlines())


@lru_cache(maxsize=1)
def clip_pictures():
    """The clip's frames as JPEG."""
    import av

    with av.open(str(CLIP)) as container:
        return tuple(_jpeg(frame.to_image()) for frame in container.decode(video=0))


def _jpeg(image):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def health(state="live", **more):
    """A camera's health."""
    return {"state": state, "since_ms": NOW_MS - 3_600_000, "fps": 9.9, "width": 384, "height": 288,
            "n_frames": 35_642, "n_drops": 12, "n_broken": 1, "n_reconnects": 2, "last_error": None, "blind": None,
            **more}


def cameras():
    """Three cameras: one that shows no pictures, one that does, one that is away."""
    lawn = [[0.06, 0.42], [0.55, 0.3], [0.94, 0.62], [0.3, 0.95]]
    return [
        {"name": "garden", "source": f"rtsp://viewer:{SECRET}@192.0.2.7/stream1", "show_picture": False,
         "zones": [{"name": "lawn", "points": lawn, "body_near": 0.5, "body_far": 0.3},
                   {"name": "gate", "points": [[0.7, 0.2], [0.9, 0.5]], "body_near": None, "body_far": None}],
         "rules": [{"name": "on-the-lawn", "kind": "enter", "severity": "notice", "zones": ["lawn"]},
                   {"name": "gate-crossed", "kind": "line", "severity": "notice", "zones": ["gate"]}],
         "health": health()},
        {"name": "hall", "source": "/dev/video0", "show_picture": True, "zones": [],
         "rules": [{"name": "fall", "kind": "fall", "severity": "alarm", "zones": []}], "health": health()},
        {"name": "pool", "source": "http://192.0.2.9/mjpeg?token=" + SECRET, "show_picture": False, "zones": [],
         "rules": [{"name": "under-water", "kind": "missing", "severity": "alarm", "zones": []}],
         "health": health("stalled", fps=0.0, n_reconnects=7, since_ms=NOW_MS - 42_000,
                          last_error=f"rtsp://viewer:{SECRET}@192.0.2.9/: no frame for 10 s")},
    ]


def event_id(n):
    """An id that sorts by time, of 26 letters and digits."""
    return f"01JD{n:022d}"


def make_event(n, kind="enter", camera="garden", rule="on-the-lawn", **more):
    """The n-th event, a closed one unless said otherwise."""
    opened_ms = NOW_MS - (60 - n) * 1_380_000
    return Event(**{**dict(
        id=event_id(n), revision=2, camera=camera, rule=rule, kind=kind, zone="lawn", state="closed",
        severity="notice", mode="away", opened_ms=opened_ms, updated_ms=opened_ms + 4_000,
        closed_ms=opened_ms + 4_000, track_ids=(n,), people=1, clip=True), **more})


def events():
    """Sixty closed events of two days, and an alarm that waits; oldest first."""
    some = [make_event(n, *_VARIETY[n % 5], people=1 + n % 3, clip=n % 4 != 3) for n in range(60)]
    some = [replace(event, zone="gate") if event.kind == "line" else event for event in some]
    some = [replace(event, zone=None, people=0) if event.kind == "blind" else event for event in some]
    alarm = make_event(60, "fall", "hall", "fall", zone=None, state="open", closed_ms=None, severity="alarm",
                       opened_ms=NOW_MS - 14_000, updated_ms=NOW_MS - 2_000, escalations=1, revision=3)
    return [*some, alarm]


_VARIETY = (("enter", "garden", "on-the-lawn"), ("line", "garden", "gate-crossed"), ("leave", "garden", "off-the-lawn"),
            ("loiter", "garden", "at-the-gate"), ("blind", "pool", "blind"))


class HubDouble:
    """The daemon as its doors see it, without one; `say` plays the daemon's threads.

    Attributes
    ----------
    asked : list of what was changed, in order
    """

    def __init__(self, folder):
        self._folder, self._listeners, self._lock = Path(folder), [], threading.Lock()
        self._cameras, self._events, self._frame = cameras(), {event.id: event for event in events()}, 0
        self._mode = {"mode": "away", "since_ms": NOW_MS - 7_200_000, "by": "schedule", "prompt": None}
        self.asked, self._shift_ms = [], 0
        clip_lines()  # `edgepose run` wants the main thread

    def about(self):
        coco = skeleton.find("coco17")
        return {"version": "0.0", "model": "movenet-lightning", "backend": "tflite", "privacy": "skeleton",
                "skeleton": {"name": coco.name, "keypoints": list(coco.keypoints),
                             "edges": [list(limb) for limb in coco.limbs]},
                "started_ms": NOW_MS - 5 * DAY_MS, "now_ms": self.now_ms(), "board": "board-on-a-wall",
                "config": "/etc/edgepose/daemon.toml"}

    def now_ms(self):
        return NOW_MS + self._shift_ms

    def cameras(self):
        return self._cameras

    def poses(self, camera):
        self._camera(camera)
        return clip_lines()[self._frame % len(clip_lines())]

    def picture(self, camera):
        if not self._camera(camera)["show_picture"]:
            return None
        return clip_pictures()[self._frame % len(clip_pictures())]

    def mode(self):
        return self._mode

    def set_mode(self, mode, by):
        if mode not in MODES:
            raise ConfigError(f"mode: {mode!r} is none; allowed: {', '.join(MODES)}")
        self.asked.append(("mode", mode, by))
        self._mode = {"mode": mode, "since_ms": self.now_ms(), "by": by, "prompt": None}
        self.say("mode", self._mode)

    def prompt(self, word):
        """Ask for another mode, as when an adult arrives."""
        self._mode = {**self._mode, "prompt": word}
        self.say("mode", self._mode)

    def events(self, limit=50, before=None, camera=None):
        found = [event for event in sorted(self._events.values(), key=lambda event: event.id, reverse=True)
                 if (before is None or event.id < before) and (camera is None or event.camera == camera)]
        return found[:limit]

    def event(self, event_id):
        return self._events.get(event_id)

    def put(self, event):
        """An event happens, or changes."""
        self._events[event.id] = event
        self.say("event", event)

    def acknowledge(self, event_id, by):
        event = self._events.get(event_id)
        if event is None:
            return None
        self.asked.append(("acknowledge", event_id, by))
        if event.acknowledged_ms is None:
            event = replace(event, acknowledged_ms=self.now_ms(), acknowledged_by=by, revision=event.revision + 1)
            self.put(event)
        return event

    def clip(self, event_id):
        event = self._events.get(event_id)
        if event is None or not event.clip:
            return None
        path = self._folder / f"{event_id}.json.gz"
        if not path.exists():
            path.write_bytes(gzip.compress(json.dumps(skeleton_clip(event)).encode()))
        return {"kind": "skeleton", "path": path}

    def set_zones(self, camera, zones, by):
        found = self._camera(camera)
        names = [zone["name"] for zone in zones]
        errors = [f"zones: {name!r} is there twice; names must differ" for name in {n for n in names
                                                                                   if names.count(n) > 1}]
        errors += [f"rules: {rule['name']!r} looks at the zone {name!r}, which is not there"
                   for rule in found["rules"] for name in rule["zones"] if name not in names]
        if errors:
            raise ConfigError("\n".join(errors))
        found["zones"] = zones
        self.asked.append(("zones", camera, zones, by))

    def health(self):
        buckets = [[le, n] for le, n in ((5_000, 12), (10_000, 9_100), (20_000, 61_000), (50_000, 70_400),
                                         (100_000, 71_200), (300_000, 71_284))]
        return {"cameras": {camera["name"]: camera["health"] for camera in self._cameras},
                "loop": {"n_frames": 71_284, "busy_share": 0.31,
                         "latency_us": {"count": 71_284, "sum": 1_120_000_000, "buckets": buckets}},
                "store": {"state": "writing", "error": None, "n_waiting": 0, "n_written": 190, "n_lost": 0},
                "outlets": {"mqtt": {"state": "live", "error": None, "n_waiting": 0, "n_delivered": 190},
                            "webhook": {"state": "down", "n_waiting": 3, "n_retries": 12,
                                        "error": f"https://hook.example/?token={SECRET}: refused"}},
                "memory_bytes": 187_000_000, "temperature_mc": 51_200, "uptime_s": 5 * 86400}

    def subscribe(self, listener):
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def n_listeners(self):
        return len(self._listeners)

    def say(self, kind, value):
        """Tell all who listen, as the daemon's threads do."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(kind, value)

    def step(self):
        """The next frame, of every camera that is live."""
        self._frame += 1
        for camera in self._cameras:
            if camera["health"]["state"] == "live":
                self.say("poses", (camera["name"], self.poses(camera["name"])))

    def play(self, stop, fps=10.0):
        """Frame after frame until `stop`, a threading.Event, is set."""
        begin = time.monotonic()
        while not stop.wait(1 / fps):
            self._shift_ms = round(1000 * (time.monotonic() - begin))
            self.step()
            if self._frame % 20 == 0:
                self.say("health", self.health())

    def _camera(self, name):
        return {camera["name"]: camera for camera in self._cameras}[name]


def skeleton_clip(event):
    """A skeleton clip as the daemon keeps it (docs/daemon/clips.md), of the shipped clip's poses."""
    lines = [json.loads(line) for line in clip_lines()]
    coco = skeleton.find("coco17")
    frames = [[i * 100, [_person(pose) for pose in line["poses"]]] for i, line in enumerate(lines)]
    return {"schema": "edgepose.clip/1", "event": event.as_table(), "camera": event.camera, "privacy": "skeleton",
            "skeleton": {"name": coco.name, "keypoints": list(coco.keypoints), "edges": [list(e) for e in coco.limbs]},
            "width": 384, "height": 288, "begin_ms": event.opened_ms - 2_000, "length_ms": 100 * len(lines),
            "opened_ms": 2_000, "closed_ms": 4_500, "ended": "closed", "gaps": [[3_000, 3_400]],
            "zones": [{"name": zone["name"], "points": zone["points"]} for zone in cameras()[0]["zones"]],
            "frames": [frame for frame in frames if not 3_000 <= frame[0] < 3_400]}


def _person(pose):
    points = [value for x, y, score in pose["keypoints"]
              for value in (round(16 * x), round(16 * y), round(100 * score))]
    return [pose["track_id"], round(100 * pose["score"]), points]


def main():
    """Serve the page until Ctrl-C; `--password TEXT` asks for one."""
    import sys

    from edgepose.daemon.config.passwords import hash_password
    from edgepose.daemon.config.settings import WebSettings
    from edgepose.daemon.web.server import WebServer

    listen = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8420"
    password = hash_password(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        hub = HubDouble(folder)
        with WebServer(hub, WebSettings(listen, password), metrics=lambda: "edgepose_up 1\n") as server:
            print(f"http://{server.address}/", flush=True)
            hub.play(threading.Event())


if __name__ == "__main__":
    main()
