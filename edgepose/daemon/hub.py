"""What the daemon's doors (page, MQTT, metrics) may see and do; any thread may call it."""

from typing import Protocol


class Hub(Protocol):
    """The daemon as its doors see it. Nothing here waits for the inference loop longer than a lock is held."""

    def about(self):
        """{"version", "model", "backend", "skeleton": {"name", "keypoints": [...], "edges": [[a, b], ...]},
        "privacy", "started_ms", "now_ms", "board", "config"}."""

    def cameras(self):
        """[{"name", "source" (passwords masked), "show_picture", "zones": [{"name", "points", "body_near",
        "body_far"}], "rules": [{"name", "kind", "severity", "zones"}], "health": {...}}]."""

    def poses(self, camera):
        """The newest frame's poses as JSON text (edgepose.pose/1), or None. KeyError for an unknown camera."""

    def picture(self, camera):
        """The newest picture as JPEG bytes, or None where that is not allowed or there is none yet."""

    def mode(self):
        """{"mode", "since_ms", "by", "prompt": None or "adult-arrived" | "last-adult-left"}."""

    def set_mode(self, mode, by):
        """Switch to a mode. ConfigError for one that there is not."""

    def events(self, limit=50, before=None, camera=None):
        """[Event, ...], newest first; `before`: an id."""

    def event(self, event_id):
        """Event or None."""

    def acknowledge(self, event_id, by):
        """The Event after it, None where there is no such event."""

    def clip(self, event_id):
        """{"kind": "skeleton" | "video", "path": Path} or None."""

    def set_zones(self, camera, zones, by):
        """Check zones (plain values as `cameras()` gives them), write them to the config, use them at once.

        ConfigError : one line each of what is wrong. KeyError for an unknown camera.
        """

    def health(self):
        """{"cameras": {name: {...}}, "loop": {"n_frames", "latency_us": {"count", "sum", "buckets": [[le, n], ...]},
        "busy_share"}, "store": {...}, "outlets": {name: {...}}, "memory_bytes", "temperature_mc", "uptime_s"}."""

    def subscribe(self, listener):
        """Call `listener(kind, value)` from now on: ("poses", (camera, text)), ("event", Event), ("mode", dict),
        ("health", dict), from the daemon's threads; it must not wait. Gives a callable that ends it."""
