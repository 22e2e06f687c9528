"""The table of addresses."""

from aiohttp import web

from edgepose.daemon.web import api, clips, events, live, login
from edgepose.daemon.web.basic import LAST
from edgepose.daemon.web.body import MAX_BYTES
from edgepose.daemon.web.guard import MIDDLEWARES, add_headers
from edgepose.daemon.web.page import INDEX
from edgepose.daemon.web.site import SITE


async def index(request):
    """GET /: the page."""
    return request.app[SITE].page.answer(INDEX, request)


async def file(request):
    """GET /page/{path}: its parts."""
    return request.app[SITE].page.answer(request.match_info["path"], request)


ROUTES = (
    web.get("/", index),
    web.get("/page/{path:.+}", file),
    web.get("/healthz", api.healthz),
    web.get("/metrics", api.metrics),
    web.get("/api/session", login.session),
    web.post("/api/login", login.login),
    web.post("/api/logout", login.logout),
    web.get("/api/state", api.state),
    web.get("/api/health", api.health),
    web.get("/api/live", live.live),
    web.put("/api/mode", api.set_mode),
    web.get("/api/cameras/{camera}/picture", api.picture),
    web.put("/api/cameras/{camera}/zones", api.set_zones),
    web.get("/api/events", events.events),
    web.get("/api/events/{id}", events.event),
    web.post("/api/events/{id}/acknowledge", events.acknowledge),
    web.get("/api/events/{id}/clip", clips.clip),
)


def application(site):
    """The aiohttp application of a Site."""
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=MAX_BYTES)
    app[SITE], app[LAST] = site, []
    app.add_routes(ROUTES)
    app.on_response_prepare.append(add_headers)
    return app
