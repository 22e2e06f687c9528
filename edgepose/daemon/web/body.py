"""Reads what a browser sends: small JSON objects, soon."""

import asyncio
import json

from edgepose.daemon.web.answers import Refusal

MAX_BYTES = 64 * 1024
TIMEOUT_S = 10.0


async def read_table(request):
    """The JSON object in a request's body; a Refusal where it is none, too long, or does not come."""
    if request.content_type != "application/json":
        raise Refusal(415, "send JSON, with Content-Type: application/json")
    try:
        data = await asyncio.wait_for(request.read(), TIMEOUT_S)
    except asyncio.TimeoutError:
        raise Refusal(408, f"the request's body did not come within {TIMEOUT_S:g} s") from None
    table = _read(data)
    if not isinstance(table, dict):
        raise Refusal(400, "the request's body must be a JSON object")
    return table


def _read(data):
    try:
        table = json.loads(data.decode(), parse_constant=_refuse_constant)
        json.dumps(table, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Refusal(400, "the request's body is not JSON") from None
    return table


def _refuse_constant(name):
    raise ValueError(name)


def text_of(table, key, most=256):
    """A text in a table; a Refusal where there is none or it is longer than `most`."""
    value = table.get(key)
    if not isinstance(value, str) or len(value) > most:
        raise Refusal(400, f"{key}: it takes a text of at most {most} characters")
    return value
