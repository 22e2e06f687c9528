"""What every request passes before its handler: who calls, from where, and whether it may."""

import hmac
from urllib.parse import urlsplit

from aiohttp import web

from edgepose.daemon.web.address import same_origin
from edgepose.daemon.web.answers import Refusal
from edgepose.daemon.web.basic import knows_password
from edgepose.daemon.web.sessions import Session
from edgepose.daemon.web.site import LOG, SITE
from edgepose.errors import ConfigError, EdgePoseError, first_line

SESSION = web.RequestKey("session", Session)
CSRF_HEADER = "X-CSRF-Token"
MAX_CONNECTIONS = 128
SAFE = ("GET", "HEAD")
#: What anybody may ask for; all else needs a session.
PUBLIC = ("/", "/healthz", "/api/session", "/api/login")
PUBLIC_FOLDER = "/page/"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
                               " frame-ancestors 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


async def add_headers(request, response):
    """What every answer carries; nothing is kept by caches unless it says so itself."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Server"] = "edgepose"


@web.middleware
async def say_errors(request, handler):
    """Turn what handlers raise into one line for a person; what nobody foresaw goes to the log, not to the page."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refusal.response()
    except ConfigError as error:
        return Refusal(422, first_line(error), errors=str(error).splitlines()).response()
    except EdgePoseError as error:
        return Refusal(500, first_line(error)).response()
    except web.HTTPException as error:
        return Refusal(error.status, error.reason, {"Allow": error.headers["Allow"]} if error.status == 405 else None
                       ).response()
    except Exception:
        LOG.exception("%s %s failed", request.method, request.rel_url.raw_path)
        return Refusal(500, "this went wrong on the board; its log says more").response()


@web.middleware
async def limit_crowd(request, handler):
    """Refuse when too many connections are open, so that the daemon keeps descriptors for its cameras."""
    if len(request.app[SITE].connections()) > MAX_CONNECTIONS:
        response = Refusal(503, "too many connections; try again soon", {"Retry-After": "5"}).response()
        response.force_close()
        return response
    return await handler(request)


@web.middleware
async def check_origin(request, handler):
    """Refuse names that are not ours, and calls that a page from elsewhere makes."""
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if not request.app[SITE].hosts.knows(host):
        raise Refusal(421, "the page is not known under this name; add it to web.names in the configuration")
    foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    if (origin is not None and not same_origin(origin, host)) or (foreign and not _is_visit(request)):
        raise Refusal(403, "another site's page may not do this")
    return await handler(request)


def _is_visit(request):
    """Whether a link elsewhere was followed to the page itself, which is nobody's harm."""
    return request.method in SAFE and request.path == "/" and request.headers.get("Sec-Fetch-Mode") == "navigate"


@web.middleware
async def check_session(request, handler):
    """Let in who has a session, or asks for what is public; changes need the session's token in a header, too."""
    site = request.app[SITE]
    request[SESSION] = session = site.sessions.find(request.cookies.get(site.cookie, ""))
    public = request.path in PUBLIC or request.path.startswith(PUBLIC_FOLDER)
    if session is None and not public and not await knows_password(request):
        raise Refusal(401, "log in first")
    if request.method not in SAFE and request.path != "/api/login":
        _check_csrf(request, session)
    return await handler(request)


def _check_csrf(request, session):
    if session is None:
        raise Refusal(401, "log in first")
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), session.csrf.encode()):
        raise Refusal(403, f"the header {CSRF_HEADER} is missing or old; load the page again")


def is_secure(request):
    """Whether the browser came by TLS: to us, or to a proxy before us."""
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    origin = request.headers.get("Origin", "")
    return request.secure or forwarded == "https" or urlsplit(origin).scheme == "https"


#: From the outside in.
MIDDLEWARES = (say_errors, limit_crowd, check_origin, check_session)
