"""The Hub of a daemon that runs: what its doors see, and how they have something done."""

import threading

import edgepose
from edgepose.daemon.config import writing
from edgepose.daemon.wall import wall_ms


class LiveHub:
    """What page, MQTT and metrics may see and do; see `edgepose.daemon.hub.Hub` for what each method gives.

    Parameters
    ----------
    daemon : Daemon, whose parts are read; what changes them is done by `daemon.ask` in the inference loop
    """

    def __init__(self, daemon):
        self._daemon, self._started_ms = daemon, wall_ms()
        self._listeners, self._lock = (), threading.Lock()

    def about(self):
        """As Hub has it."""
        daemon, skeleton = self._daemon, self._daemon.skeleton
        return {"version": edgepose.__version__, "model": daemon.model.name, "backend": daemon.loop.backend.name,
                "skeleton": {"name": skeleton.name, "keypoints": list(skeleton.keypoints),
                             "edges": [list(limb) for limb in skeleton.limbs]},
                "privacy": daemon.settings.clips.mode, "started_ms": self._started_ms, "now_ms": wall_ms(),
                "board": daemon.surroundings.board_name, "config": daemon.path}

    def cameras(self):
        """As Hub has it."""
        return [station.about() for station in self._daemon.stations]

    def poses(self, camera):
        """As Hub has it."""
        return self._station(camera).text

    def picture(self, camera):
        """As Hub has it."""
        picture = self._station(camera).picture
        return picture and picture.jpeg()

    def mode(self):
        """As Hub has it."""
        modes = self._daemon.modes
        return {"mode": modes.mode, "since_ms": round(modes.since.timestamp() * 1000), "by": modes.by,
                "prompt": modes.prompt}

    def set_mode(self, mode, by):
        """As Hub has it."""
        self._daemon.modes.set(mode, by)
        self._daemon.memory.keep(self._daemon.modes)
        self.tell("mode", self.mode())
        self._daemon.wake()

    def events(self, limit=50, before=None, camera=None):
        """As Hub has it."""
        return self._daemon.store.events(limit, before, camera)

    def event(self, event_id):
        """As Hub has it."""
        return self._daemon.store.event(event_id)

    def acknowledge(self, event_id, by):
        """As Hub has it."""
        return self._daemon.desk.acknowledge(event_id, by, wall_ms())

    def clip(self, event_id):
        """As Hub has it."""
        return self._daemon.shelf.find(event_id)

    def set_zones(self, camera, zones, by):
        """As Hub has it."""
        self._station(camera)
        writing.set_zones(self._daemon.path, camera, zones)
        self._daemon.ask(self._daemon.read_again)

    def health(self):
        """As Hub has it."""
        return self._daemon.health()

    def subscribe(self, listener):
        """As Hub has it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        return lambda: self._forget(listener)

    def _forget(self, listener):
        with self._lock:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

    def tell(self, kind, value):
        """Call everybody who listens; from any thread."""
        for listener in self._listeners:
            listener(kind, value)

    def announce(self, event):
        """Told of every revision of an event that is on disk, as an outlet is."""
        self.tell("event", event)

    def _station(self, camera):
        return self._daemon.stations[camera]
