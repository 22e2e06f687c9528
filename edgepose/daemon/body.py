"""All parts of the daemon, and what passes between them."""

import logging
import time
from collections import deque
from pathlib import Path

from edgepose import backends, decoders, model
from edgepose.backends import standby
from edgepose.daemon.clips.shelf import Shelf
from edgepose.daemon.config import reading
from edgepose.daemon.doors import Doors
from edgepose.daemon.events.desk import EventDesk
from edgepose.daemon.events.store import EventStore
from edgepose.daemon.live import LiveHub
from edgepose.daemon.loop import InferenceLoop
from edgepose.daemon.mode_memory import ModeMemory
from edgepose.daemon.rules.modes import Modes
from edgepose.daemon.rules.sideways import SidewaysLook
from edgepose.daemon.stations import Stations
from edgepose.daemon.surroundings import Surroundings
from edgepose.daemon.wall import wall_ms
from edgepose.errors import EdgePoseError

LOOK_NS = 500_000_000  # between looks at schedules, at alarms, and at cameras that show nothing

log = logging.getLogger(__name__)


class Daemon:
    """Everything that runs, from cameras to doors.

    Parameters
    ----------
    settings : Settings
    path : str, of the file that they were read from

    Attributes
    ----------
    hub, modes, desk, store, shelf, stations, loop, doors : its parts

    Raises
    ------
    EdgePoseError : while it is made or opened, whatever a part meets; `close` closes what is open then
    """

    def __init__(self, settings, path):
        self.settings, self.path, self._wishes, self._looked_ns = settings, str(path), deque(), 0
        self.model, directory = model.load(settings.model), Path(settings.directory)
        self.skeleton = decoders.create(self.model).skeleton
        self.store = EventStore(directory / "events.sqlite", settings.max_events, settings.max_event_age_s)
        self.desk = EventDesk(settings, self._put, self.store.event)
        self.shelf = Shelf(directory / "clips", settings.clips.max_bytes, settings.clips.max_age_s, self.desk.held)
        self.surroundings, self.hub, self.memory = Surroundings(), LiveHub(self), ModeMemory(directory / "mode.json")
        self.modes = self.memory.restore(Modes(settings.modes))
        self.stations, self.doors = Stations(self), Doors(self.hub, self.store)
        self.loop = None

    def open(self):
        """Open everything: what is lost last first, cameras at the end."""
        settings = self.settings
        self.store.open(self.doors.make(settings))
        self.shelf.open()
        self.desk.restore(self.store.alive(), self.store.last_id(), wall_ms())
        self.store.attach(self.hub)
        self.loop = InferenceLoop(settings, self.model, self._make_backend, (), self._on_frame, self._on_idle)
        self._sideways = SidewaysLook(self.model, self.loop.backend, decoders.create(self.model))
        self.doors.open()
        self.stations.open(settings)

    def _make_backend(self, wanted):
        """A backend for a model, with the other installed ones behind it."""
        settings = self.settings
        given = {"threads": settings.threads} | ({"device": settings.device} if settings.device else {})
        return standby.secure(backends.create(settings.backend, wanted, log.info, **given), given, log.warning)

    def step(self, timeout_s):
        """Look at a frame or wait for one, then do what was asked for in the meantime."""
        self.loop.step(timeout_s)
        now_ns = time.monotonic_ns()
        if now_ns - self._looked_ns >= LOOK_NS:
            self._looked_ns = now_ns
            self._look_around(now_ns)
        while self._wishes:
            self._wishes.popleft()()

    def ask(self, wish):
        """Have something done between two frames, by the loop's thread; from any thread."""
        self._wishes.append(wish)
        self.wake()

    def wake(self):
        """Do not wait for a frame any longer."""
        if self.loop is not None:
            self.loop.wake()

    def _on_frame(self, name, poses, slot):
        station = self.stations[name]
        self.take(name, station.look(poses, slot, self._sideways, self.modes.mode))
        self.take(name, self.modes.watch(name, station.book.n_adults, poses.t_ns))
        text = station.show(poses, slot)
        self.doors.poses(name, text)
        self.hub.tell("poses", (name, text))

    def _on_idle(self, now_ns):
        """Nothing came; `step` looks around anyway."""

    def take(self, camera, signals):
        """Hand a camera's signals on."""
        if signals:
            self.desk.take(camera, signals, self.modes.mode, wall_ms())

    def _look_around(self, now_ns):
        """What happens without frames: schedules, escalation, rules that are switched off."""
        if self.modes.tick():
            self.hub.tell("mode", self.hub.mode())
        mode = self.modes.mode
        for station in self.stations.silent(now_ns - LOOK_NS):
            self.take(station.name, station.book.tick(now_ns, mode))
            if not station.is_live:
                self.modes.forget(station.name)  # who was there last is nobody's guess
        self.desk.tick(wall_ms())

    def _put(self, event):
        """A revision of an event goes to the disk, and to whoever records it."""
        self.store.put(event)
        self.stations.on_event(event)

    def read_again(self):
        """Read the configuration again; one that is wrong changes nothing, and it is said."""
        try:
            self.use(reading.read(self.path, log.warning))
        except EdgePoseError as fault:
            log.error("not taken over: %s", fault)

    def use(self, settings):
        """Go on with other settings; what they leave as it was is not touched.

        Raises
        ------
        EdgePoseError : they cannot be used; then nothing has changed
        """
        for name in ("model", "backend", "device", "threads", "directory", "clips", "budget_ms"):
            if getattr(settings, name) != getattr(self.settings, name):
                log.warning("%s: changed in %s; the daemon takes it over when it is started again", name, self.path)
        self.stations.use(settings)
        self.doors.use(settings)
        self.desk.configure(settings)
        if settings.modes != self.settings.modes:
            self.modes = self.memory.restore(Modes(settings.modes))
        self.settings = settings
        self.hub.tell("health", self.health())

    def status(self):
        """How it is doing, in a few words for `systemctl status`."""
        n_live = sum(station.is_live for station in self.stations)
        n_open = self.desk.health()["n_open"]
        return (f"{n_live} of {len(self.stations)} cameras live, mode {self.modes.mode}, {n_open} events open;"
                f" {self.surroundings.board_name}")

    def health(self):
        """See `Hub.health`."""
        loop = self.loop.health() if self.loop else {}
        store, outlets = self.store.health(), self.doors.health()
        owed = {name: outlets.get(name, {}) | backlog for name, backlog in store.pop("outlets", {}).items()}
        return {"cameras": {station.name: station.health() | loop.get("cameras", {}).get(station.name, {})
                            for station in self.stations},
                "loop": loop, "store": store, "events": self.desk.health(), "clips": self.shelf.health(),
                "outlets": outlets | owed, "mode": self.modes.mode, **self.surroundings.health()}

    def close(self):
        """Take everything down: cameras first, then what they tell, last the disk. Twice is fine."""
        self.stations.stop()
        self.desk.end(wall_ms(), "stopped")
        self.stations.close()
        self.store.flush()
        self.doors.close()
        if self.loop is not None:
            self.loop.close()
        self.store.close()
