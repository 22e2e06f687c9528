"""The daemon's doors: outlets that carry events and poses away, and the page."""

from edgepose.daemon import outlets
from edgepose.daemon.together import together


class Doors:
    """Opens and closes doors as the settings say.

    Parameters
    ----------
    hub : Hub
    store : EventStore
    """

    def __init__(self, hub, store):
        self._hub, self._store = hub, store
        self._made, self._outlets, self._page, self._settings = [], [], None, None

    def make(self, settings):
        """Make the outlets that the settings ask for; their names, which the store owes events. ConfigError."""
        self._settings, self._made = settings, outlets.create(settings, self._hub, self._store)
        return [outlet.name for outlet in self._made]

    def open(self):
        """Open what was made. EdgePoseError where something cannot be; what is open then is closed by `close`."""
        self._open_outlets()
        self._open_page(self._settings.web)

    def _open_outlets(self):
        for outlet in self._made:
            outlet.open()
            self._outlets.append(outlet)
            self._store.attach(outlet)

    def _open_page(self, web):
        if web is None:
            return
        from edgepose.daemon.outlets.metrics import Metrics
        from edgepose.daemon.web.server import WebServer

        metrics = Metrics(self._hub)
        self._page = WebServer(self._hub, web, lambda: metrics.text().decode())
        self._page.open()

    def use(self, settings):
        """Open again what the settings change."""
        before, self._settings = self._settings, settings
        if (before.mqtt, before.webhooks, before.lines) != (settings.mqtt, settings.webhooks, settings.lines):
            self._close_outlets()
            self._store.owe(self.make(settings))
            self._open_outlets()
        if before.web != settings.web:
            self._close_page()
            self._open_page(settings.web)

    def poses(self, camera, text):
        """Hand the poses of a frame on; returns at once."""
        for outlet in self._outlets:
            outlet.poses(camera, text)

    def health(self):
        """{name of an outlet: plain values}."""
        return {outlet.name: outlet.health() for outlet in self._outlets}

    def close(self):
        """Close all of them. Twice is fine."""
        together([self._close_page, self._close_outlets])

    def _close_outlets(self):
        outlets_now, self._outlets = self._outlets, []
        for outlet in outlets_now:
            self._store.detach(outlet)
        together(outlet.close for outlet in outlets_now)

    def _close_page(self):
        page, self._page = self._page, None
        if page is not None:
            page.close()
