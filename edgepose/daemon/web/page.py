"""The page's own files, read once: a path that is not in the table does not exist."""

import hashlib
import mimetypes
from importlib import resources

from aiohttp import web

INDEX = "index.html"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
          ".webmanifest": "application/manifest+json"}


class Page:
    """Files by their path below `page/`."""

    def __init__(self):
        root = resources.files("edgepose.daemon.web") / "page"
        self._files = {path: _File(path, data) for path, data in _walk(root, "")}

    def names(self):
        """The paths of all files."""
        return tuple(self._files)

    def answer(self, path, request):
        """The file of a path, 304 where the browser has it, 404 where there is none."""
        file = self._files.get(path)
        if file is None:
            raise web.HTTPNotFound
        headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == file.tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.data, content_type=file.type, charset="utf-8", headers=headers)


class _File:
    """One file: its bytes, type and tag."""

    def __init__(self, path, data):
        self.data, self.tag = data, f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        suffix = path[path.rindex("."):]
        self.type = _TYPES.get(suffix) or mimetypes.types_map[suffix]


def _walk(folder, above):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{above}{entry.name}/")
        elif not entry.name.startswith((".", "__")):
            yield above + entry.name, entry.read_bytes()
