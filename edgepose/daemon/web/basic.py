"""The password in the request itself, for programs that cannot log in: Prometheus, and nothing but `/metrics`."""

import hashlib
import hmac
import secrets
from base64 import b64decode

from aiohttp import web

from edgepose.daemon.config.passwords import matches
from edgepose.daemon.web.answers import Refusal
from edgepose.daemon.web.site import SITE

PATH = "/metrics"
_KEY = secrets.token_bytes(32)
#: What was right the last time, hashed with a key of this process: scrypt is meant to be slow, and this is asked often.
LAST = web.AppKey("last", list)


async def knows_password(request):
    """Whether a request for the metrics carries the password (HTTP Basic, any user); tries are limited."""
    given = _given(request) if request.path == PATH and request.method == "GET" else None
    if given is None:
        return False
    last, mark = request.app[LAST], hmac.digest(_KEY, given.encode(), hashlib.sha256)
    if last and hmac.compare_digest(last[0], mark):
        return True
    if not await try_password(request, given):
        return False
    last[:] = [mark]
    return True


def _given(request):
    scheme, _, code = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(code, validate=True).decode().partition(":")[2]
    except ValueError:
        return None


async def try_password(request, given):
    """Whether this is the password; a Refusal where its sender has tried too often."""
    site = request.app[SITE]
    wait_s = site.attempts.wait_s(request.remote)
    if wait_s:
        seconds = int(wait_s) + 1
        raise Refusal(429, f"too many tries; wait {seconds} s", {"Retry-After": str(seconds)}, wait_s=seconds)
    right = await site.call(matches, given, site.password)
    if right:
        site.attempts.forgive(request.remote)
    return right
