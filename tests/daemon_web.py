"""Calls the daemon's page as programs do: no browser, so nothing is sent that a test does not ask for."""

import http.client
import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

from edgepose.daemon.config import passwords
from edgepose.daemon.config.settings import WebSettings
from edgepose.daemon.web.server import WebServer

PASSWORD = "correct horse"


def cheap_hash(text=PASSWORD):
    """A hash that costs next to nothing."""
    with mock.patch.object(passwords, "COST", (2, 1, 1)):
        return passwords.hash_password(text)


@contextmanager
def serving(hub, listen="127.0.0.1:0", password=None, names=(), metrics=None):
    """A server of a Hub, and a Caller for it."""
    with WebServer(hub, WebSettings(listen, password, names), metrics) as server:
        caller = Caller(server.address)
        caller.server = server
        try:
            yield caller
        finally:
            caller.close()


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    data: bytes

    @property
    def table(self):
        return json.loads(self.data)


class Caller:
    """Keeps the cookie and the token for changes, once it has them."""

    def __init__(self, address):
        self.address, self.cookie, self.csrf, self.server = address, None, None, None
        self._connection = http.client.HTTPConnection(address, timeout=20)

    def ask(self, method, path, table=None, headers=None, body=None):
        """The Answer to a request; `table` goes as JSON, `body` as it is."""
        if table is not None:
            body = json.dumps(table)
        kind = {} if body is None else {"Content-Type": "application/json"}
        self._connection.request(method, path, body, {**kind, **self._own(), **(headers or {})})
        with self._connection.getresponse() as response:
            return Answer(response.status, response.headers, response.read())

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def meet(self):
        """Fetch the token for changes."""
        self.csrf = self.get("/api/session").table["csrf"]
        return self

    def log_in(self, password=PASSWORD):
        """Give the password, and keep what comes back."""
        answer = self.ask("POST", "/api/login", {"password": password})
        if answer.status == 200:
            self.csrf = answer.table["csrf"]
            self.cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
        return answer

    def _own(self):
        own = {"X-CSRF-Token": self.csrf, "Cookie": self.cookie}
        return {name: value for name, value in own.items() if value}

    def raw(self, text):
        """The first bytes that come back for a request that no library would send."""
        host, port = self.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(text.encode("latin-1"))
            return connection.recv(65536)

    def close(self):
        self._connection.close()
