"""What the handlers of one server share."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from edgepose.daemon.web.address import Hosts, check_password, read_address
from edgepose.daemon.web.attempts import Attempts
from edgepose.daemon.web.page import Page
from edgepose.daemon.web.sessions import OpenHouse, Sessions
from edgepose.daemon.web.viewers import Viewers

LOG = logging.getLogger("edgepose.daemon.web")
N_WORKERS = 4


class Site:
    """Everything a handler may ask for.

    Parameters
    ----------
    hub : Hub
    settings : WebSettings
    metrics : callable that gives the text for Prometheus, or None

    Attributes
    ----------
    connections : callable that gives those that are open, of the server that runs this

    Raises
    ------
    ConfigError : no address, or one that others reach without a password
    """

    def __init__(self, hub, settings, metrics=None):
        self.hub, self.metrics, self.password = hub, metrics, settings.password
        self.address = read_address(settings.listen)
        check_password(self.address, settings)
        self.hosts = Hosts(self.address, settings.names)
        self.sessions = OpenHouse() if settings.password is None else Sessions()
        self.attempts, self.page = Attempts(), Page()
        self.viewers, self.connections = Viewers(hub), tuple
        self._workers = ThreadPoolExecutor(N_WORKERS, "edgepose-web-work")

    @property
    def cookie(self):
        """The cookie's name: two daemons on one machine differ by their port, which browsers do not tell apart."""
        return f"edgepose-{self.address.port}"

    async def call(self, function, *arguments):
        """What a function gives that may read a disk, without holding up the others."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, function, *arguments)

    def close(self):
        """End the worker threads; closing twice is fine."""
        self._workers.shutdown(wait=False, cancel_futures=True)


SITE = web.AppKey("site", Site)
