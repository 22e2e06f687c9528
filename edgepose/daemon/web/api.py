"""State, mode, zones, health and pictures."""

from aiohttp import web

from edgepose.daemon.web.answers import Refusal, answer, shown_camera
from edgepose.daemon.web.body import read_table, text_of
from edgepose.daemon.web.site import SITE
from edgepose.daemon.web.viewers import shown
from edgepose.daemon.web.zones import read_zones

#: Who did it, in the store and on MQTT, when the page did.
BY = "page"


def state_of(hub):
    """All that a page shows when it opens, but for the events."""
    return {"about": hub.about(), "mode": hub.mode(), "cameras": [shown_camera(camera) for camera in hub.cameras()],
            "health": shown("health", hub.health())}


async def state(request):
    """GET /api/state."""
    site = request.app[SITE]
    return answer(await site.call(state_of, site.hub))


async def health(request):
    """GET /api/health."""
    site = request.app[SITE]
    return answer(shown("health", await site.call(site.hub.health)))


async def set_mode(request):
    """PUT /api/mode {"mode"}: the mode after it."""
    site, table = request.app[SITE], await read_table(request)
    await site.call(site.hub.set_mode, text_of(table, "mode"), BY)
    return answer(site.hub.mode())


async def picture(request):
    """GET /api/cameras/{camera}/picture: JPEG, 404 where it is not allowed or there is none yet."""
    site, camera = request.app[SITE], _camera(request)
    data = await site.call(site.hub.picture, camera)
    if data is None:
        raise Refusal(404, f"{camera} shows no picture")
    return web.Response(body=data, content_type="image/jpeg")


async def set_zones(request):
    """PUT /api/cameras/{camera}/zones {"zones"}: the camera after it, its configuration written."""
    site, camera = request.app[SITE], _camera(request)
    zones = read_zones(await read_table(request))
    await site.call(site.hub.set_zones, camera, zones, BY)
    return answer(shown_camera(next(table for table in site.hub.cameras() if table["name"] == camera)))


def _camera(request):
    """The camera in a path; a Refusal for one that there is not."""
    name = request.match_info["camera"]
    if all(table["name"] != name for table in request.app[SITE].hub.cameras()):
        raise Refusal(404, "there is no such camera")
    return name


async def healthz(request):
    """GET /healthz: whether the daemon answers; says nothing about cameras."""
    site = request.app[SITE]
    await site.call(site.hub.mode)
    return web.Response(text="ok\n")


async def metrics(request):
    """GET /metrics: for Prometheus."""
    site = request.app[SITE]
    if site.metrics is None:
        raise Refusal(404, "there are no metrics")
    return web.Response(text=await site.call(site.metrics), headers={"X-Content-Type-Options": "nosniff"})
