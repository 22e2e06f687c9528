"""All cameras of the daemon, and how they come and go while it runs."""

import time

from edgepose.daemon.station import Station
from edgepose.daemon.together import together


class Stations:
    """The Stations of a daemon by their cameras' names; iterate over it to get them.

    Parameters
    ----------
    daemon : Daemon, whose model, shelf, desk and loop they use
    """

    def __init__(self, daemon):
        self._daemon, self._by_name = daemon, {}

    def open(self, settings):
        """Begin with the cameras of the settings. ConfigError where a rule lacks what it needs."""
        made = [self._make(camera) for camera in settings.cameras]
        for station in made:
            self._add(station)

    def _make(self, camera):
        daemon = self._daemon
        return Station(camera, daemon.settings.clips, daemon.model, daemon.skeleton, daemon.loop.backend, daemon.shelf,
                       lambda event_id: daemon.desk.set_clip(event_id, True))

    def _add(self, station):
        self._by_name = {**self._by_name, station.name: station}
        self._daemon.loop.add(station.capture)
        station.open()

    def use(self, settings):
        """Go on with other cameras: those that are the same stay as they are, tracks and all; of those that only have
        other zones or rules, or another word about pictures, tracks stay too."""
        wanted = {camera.name: camera for camera in settings.cameras}
        kept = {name for name, camera in wanted.items()
                if name in self._by_name and self._by_name[name].capture.serves(camera)}
        made = [self._make(camera) for name, camera in wanted.items() if name not in kept]  # before any has gone
        for name in kept:
            self._refit(self._by_name[name], wanted[name])
        for name in [name for name in self._by_name if name not in kept]:
            self._remove(name)
        for station in made:
            self._add(station)

    def _refit(self, station, camera):
        if station.settings != camera:
            self._daemon.take(station.name, station.use(camera, time.monotonic_ns()))

    def _remove(self, name):
        station = self._by_name[name]
        self._daemon.take(name, station.book.close(time.monotonic_ns(), "removed"))
        self._daemon.loop.remove(name)
        self._daemon.modes.forget(name)
        self._by_name = {other: found for other, found in self._by_name.items() if other != name}
        station.stop()
        station.close()

    def on_event(self, event):
        """Let the camera's recorder know of a revision of an event."""
        station = self._by_name.get(event.camera)
        if station is not None:
            station.recorder.on_event(event)

    def silent(self, since_ns):
        """The stations that have shown no frame since then."""
        return [station for station in self if station.t_ns < since_ns]

    def stop(self):
        """Tell all of them to stop; does not wait."""
        for station in self:
            station.stop()

    def close(self):
        """Wait for all of them. Twice is fine."""
        together(station.close for station in self)

    def __getitem__(self, name):
        return self._by_name[name]

    def __iter__(self):
        return iter(self._by_name.values())

    def __len__(self):
        return len(self._by_name)
