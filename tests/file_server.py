"""A web server for files in memory, with ranges, and with the faults that real ones have."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer:
    """Serves `files`, {path: bytes}, on a port of its own; used in a `with`.

    Attributes
    ----------
    cut_after : int or None, an answer ends after so many bytes although more were promised
    held : threading.Event or None, an answer that is cut waits for it before it ends
    ranges : bool, whether a part can be asked for
    status : int or None, every answer is this one
    asked : [(path, Range header or None)] so far
    """

    def __init__(self, files):
        self.files, self.asked = dict(files), []
        self.cut_after, self.held, self.ranges, self.status = None, None, True, None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def _handler(owner):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            wanted = self.headers.get("Range")
            owner.asked.append((self.path, wanted))
            data = owner.files.get(self.path)
            if owner.status or data is None:
                return self.send_error(owner.status or 404)
            start = int(wanted.split("=")[1].rstrip("-")) if wanted and owner.ranges else 0
            if start >= len(data) > 0 and start:
                return self.send_error(416)
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start:][:owner.cut_after])
            if owner.cut_after is not None and owner.held:
                self.wfile.flush()
                owner.held.wait(60)

    return Handler
