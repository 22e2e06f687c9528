"""What goes back to a browser: JSON, and refusals of one line."""

import json

from aiohttp import web

from edgepose.sources.address import mask_password


class Refusal(Exception):
    """Ends a request with a status and one line for a person; `more` goes into the JSON beside it."""

    def __init__(self, status, line, headers=None, **more):
        super().__init__(line)
        self.status, self.headers, self.more = status, headers, more

    def response(self):
        """The answer that says so."""
        return answer({"error": str(self), **self.more}, self.status, self.headers)


def answer(data, status=200, headers=None):
    """Plain values as a JSON answer."""
    return web.json_response(data, status=status, headers=headers, dumps=as_json)


def as_json(data):
    """Plain values as JSON text that every browser reads: no NaN, nothing beyond ASCII."""
    return json.dumps(data, allow_nan=False, separators=(",", ":"))


def shown_camera(camera):
    """A camera's table as the page may have it: a password that slipped in anywhere is masked once more."""
    return {**camera, "source": mask_password(camera["source"]), "health": shown_health(camera["health"])}


def shown_health(health):
    """A camera's or an outlet's health with no password in its texts."""
    return {key: mask_password(value) if isinstance(value, str) else value for key, value in health.items()}
