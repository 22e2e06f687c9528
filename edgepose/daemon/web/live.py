"""The websocket: poses, events, mode and health, as they come."""

import asyncio
import contextlib
import json

from aiohttp import WSCloseCode, WSMsgType, web

from edgepose.daemon.web.answers import Refusal, as_json
from edgepose.daemon.web.api import state_of
from edgepose.daemon.web.guard import SESSION
from edgepose.daemon.web.site import SITE
from edgepose.daemon.web.viewers import MAX_VIEWERS

HEARTBEAT_S = 20.0
STALL_S = 20.0
LOOK_S = 10.0
FAREWELL_S = 1.0
#: Says that the line still holds, when there is nothing else to say.
TICK = as_json({"type": "tick"})
MAX_MESSAGE = 4096


async def live(request):
    """GET /api/live: say the whole state once, then what is new, until either side ends it."""
    site = request.app[SITE]
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE, compress=False, timeout=FAREWELL_S)
    if not socket.can_prepare(request):
        raise Refusal(426, "this address speaks websocket only", {"Upgrade": "websocket"})
    viewer = site.viewers.add(request[SESSION])
    if viewer is None:
        raise Refusal(503, f"{MAX_VIEWERS} pages watch already; close one")
    try:
        await socket.prepare(request)
        if not await _serve(site, socket, viewer):
            request.transport.abort()
    finally:
        site.viewers.remove(viewer)
    return socket


async def _serve(site, socket, viewer):
    """Talk until one of both directions ends; False where the browser takes nothing any more, not even a farewell."""
    tasks = [asyncio.ensure_future(_tell(site, socket, viewer)), asyncio.ensure_future(_listen(socket, viewer))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        told, _ = await asyncio.gather(*tasks, return_exceptions=True)
    if isinstance(told, asyncio.TimeoutError):
        return False
    await socket.close(code=WSCloseCode.GOING_AWAY)
    return True


async def _tell(site, socket, viewer):
    now_s = asyncio.get_running_loop().time
    await _send(socket, as_json({"type": "state", "state": await site.call(state_of, site.hub)}))
    said_s = now_s()
    while not viewer.ended and site.sessions.holds(viewer.session):
        texts = await _news(viewer)
        if not texts and now_s() - said_s >= LOOK_S:
            texts = [TICK]
        for text in texts:
            await _send(socket, text)
            said_s = now_s()


async def _news(viewer):
    """Texts for a Viewer as soon as there is mail, none after `LOOK_S`."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(viewer.wake.wait(), LOOK_S)
    viewer.wake.clear()
    return list(viewer.mail.take(viewer.cameras))


async def _send(socket, text):
    """Send, or give a browser up that takes nothing for `STALL_S`."""
    await asyncio.wait_for(socket.send_str(text), STALL_S)


async def _listen(socket, viewer):
    """Until the browser goes: it may say which cameras it shows."""
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            viewer.cameras = _watched(message.data, viewer.cameras)


def _watched(text, before):
    """The set of names in {"watch": [...]}, None (all) for {"watch": null}; what else is said changes nothing."""
    try:
        names = json.loads(text)["watch"]
        return None if names is None else {name for name in names if isinstance(name, str)}
    except (ValueError, TypeError, KeyError, RecursionError):
        return before
