"""What was kept of an event: a skeleton clip as JSON, or the camera's own video."""

import gzip

from aiohttp import web

from edgepose.daemon.web.answers import Refusal
from edgepose.daemon.web.events import event_id
from edgepose.daemon.web.site import SITE

MAX_BYTES = 32 << 20


async def clip(request):
    """GET /api/events/{id}/clip: JSON or MP4 (in parts, as players ask for it), 404 where nothing was kept."""
    site, name = request.app[SITE], event_id(request)
    found = await site.call(_look_up, site.hub, name)
    if found is None:
        raise Refusal(404, "nothing was kept of this event, or its time is over")
    if found["kind"] == "video":
        return web.FileResponse(found["path"], headers={
            "Content-Type": "video/mp4", "Content-Disposition": f'inline; filename="{name}.mp4"'})
    return await _skeleton(request, await site.call(_read, found["path"]))


def _look_up(hub, name):
    """What the Hub has of an event, None where its file has gone meanwhile."""
    found = hub.clip(name)
    return found if found is not None and found["path"].is_file() else None


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Refusal(404, "nothing was kept of this event, or its time is over") from None


async def _skeleton(request, data):
    """The file as it is where it is compressed and the browser takes that, as nearly all do."""
    if len(data) > MAX_BYTES:
        raise Refusal(413, "this clip is too long to be shown here")
    headers = {}
    if data[:2] == b"\x1f\x8b":
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            data = await request.app[SITE].call(gzip.decompress, data)
    return web.Response(body=data, content_type="application/json", headers=headers)
