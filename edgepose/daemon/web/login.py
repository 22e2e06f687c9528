"""In and out."""

from edgepose.daemon.web.answers import Refusal, answer
from edgepose.daemon.web.basic import try_password
from edgepose.daemon.web.body import read_table, text_of
from edgepose.daemon.web.guard import SESSION, is_secure
from edgepose.daemon.web.sessions import AGE_S
from edgepose.daemon.web.site import LOG, SITE


async def session(request):
    """GET /api/session: whether a password is asked, whether it was given, and the token for changes."""
    site, found = request.app[SITE], request[SESSION]
    return answer({"password": site.password is not None, "csrf": None if found is None else found.csrf})


async def login(request):
    """POST /api/login {"password"}: a session's cookie and its token for changes."""
    site, table = request.app[SITE], await read_table(request)
    if site.password is not None and not await try_password(request, text_of(table, "password", 1024)):
        LOG.warning("wrong password from %s", request.remote)
        raise Refusal(401, "that is not the password")
    begun = site.sessions.begin()
    response = answer({"csrf": begun.csrf})
    if begun.token:
        response.set_cookie(site.cookie, begun.token, max_age=int(AGE_S), path="/", httponly=True,
                            samesite="Strict", secure=is_secure(request))
    return response


async def logout(request):
    """POST /api/logout: the session ends, and what watches with it."""
    site = request.app[SITE]
    site.sessions.end(request[SESSION])
    site.viewers.wake()
    response = answer({})
    response.del_cookie(site.cookie, path="/", httponly=True, samesite="Strict", secure=is_secure(request))
    return response
