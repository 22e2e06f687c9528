"""The list of events, one of them, and its acknowledgement."""

import re

from edgepose.daemon.web.answers import Refusal, answer
from edgepose.daemon.web.api import BY
from edgepose.daemon.web.site import SITE

ID = re.compile(r"[0-9A-Za-z]{1,40}")
MAX_LIMIT = 200
PAGE = 200
#: How many are looked through for those that a filter lets pass, in one request.
MAX_LOOKED = 2000
FILTERS = ("kind", "severity", "state")


async def events(request):
    """GET /api/events?limit&before&camera&kind&severity&state&waiting: newest first, and where to go on from."""
    site, query = request.app[SITE], request.query
    limit, before = _limit(query.get("limit", "50")), query.get("before")
    if before is not None and not ID.fullmatch(before):
        raise Refusal(400, "before: it takes an event's id")
    found, more = await site.call(find, site.hub, limit, before, query)
    return answer({"events": [event.as_table() for event in found], "before": more})


def _limit(text):
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 0 < int(text) <= MAX_LIMIT):
        raise Refusal(400, f"limit: it takes 1 to {MAX_LIMIT}")
    return int(text)


def find(hub, limit, before, query):
    """Events that a query lets pass.

    Parameters
    ----------
    hub : Hub
    limit : int
    before : str or None, an id; only older ones
    query : dict of str, with any of `camera`, FILTERS, and `waiting` for those that nobody has acknowledged

    Returns
    -------
    list of Event, newest first; str, the id to go on before, None at the end
    """
    found, looked = [], 0
    while looked < MAX_LOOKED:
        page = hub.events(PAGE, before, query.get("camera"))
        for event in page:
            before = event.id
            if _passes(event, query):
                found.append(event)
            if len(found) == limit:
                return found, before
        looked += len(page)
        if len(page) < PAGE:
            return found, None
    return found, before


def _passes(event, query):
    waits = event.severity == "alarm" and event.acknowledged_ms is None
    return (waits or "waiting" not in query) and all(
        key not in query or getattr(event, key) == query[key] for key in FILTERS)


async def event(request):
    """GET /api/events/{id}."""
    site = request.app[SITE]
    return _shown(await site.call(site.hub.event, event_id(request)))


async def acknowledge(request):
    """POST /api/events/{id}/acknowledge: the event after it."""
    site = request.app[SITE]
    return _shown(await site.call(site.hub.acknowledge, event_id(request), BY))


def _shown(event):
    if event is None:
        raise Refusal(404, "there is no such event")
    return answer(event.as_table())


def event_id(request):
    """The id in a path; a Refusal for what cannot be one."""
    text = request.match_info["id"]
    if not ID.fullmatch(text):
        raise Refusal(404, "there is no such event")
    return text
