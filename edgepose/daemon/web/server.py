"""The server: one thread, one asyncio loop."""

import asyncio
import threading
from functools import partial

from aiohttp import web

from edgepose.daemon.web.routes import application
from edgepose.daemon.web.site import LOG, Site
from edgepose.errors import ConfigError, first_line

SILENCE_S = 15.0
CLOSE_S = 3.0


class WebServer:
    """The page and its API.

    Parameters
    ----------
    hub : Hub, all that it knows of the daemon
    settings : WebSettings
    metrics : callable that gives the text for `/metrics`, or None

    Attributes
    ----------
    address : str, "host:port" once it is open

    Raises
    ------
    ConfigError : no address, or one that others reach without a password
    """

    def __init__(self, hub, settings, metrics=None):
        self._site, self._listen = Site(hub, settings, metrics), settings.listen
        self._loop, self._fault, self.address = None, None, None
        self._ready, self._stop = threading.Event(), None
        self._thread = threading.Thread(target=self._run, name="edgepose-web", daemon=True)

    def open(self):
        """Listen; ConfigError where that cannot be."""
        self._thread.start()
        self._ready.wait()
        if self._fault is not None:
            raise ConfigError(f"web.listen: {self._listen} cannot be listened on: {first_line(self._fault)}")
        return self

    def close(self):
        """End connections and thread, within `CLOSE_S` or so. Closing twice is fine, and so is what never opened."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(2 * CLOSE_S)
        self._site.close()

    def _run(self):
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._fault = error
        except Exception:
            LOG.exception("the page's server broke off")
        finally:
            self._ready.set()

    async def _serve(self):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(application(self._site), access_log=None, keepalive_timeout=SILENCE_S,
                               shutdown_timeout=CLOSE_S / 3)
        await runner.setup()
        try:
            await self._listen_with(runner)
            self._ready.set()
            await self._stop.wait()
        finally:
            await self._site.viewers.end()
            await runner.cleanup()

    async def _listen_with(self, runner):
        address = self._site.address
        self._site.connections = partial(getattr, runner.server, "connections")
        await web.TCPSite(runner, address.host, address.port).start()
        host, port = runner.addresses[0][:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def __enter__(self):
        return self.open()

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        return f"<WebServer {self.address or self._listen}>"
