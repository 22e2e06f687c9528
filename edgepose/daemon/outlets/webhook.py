"""Events by HTTP POST to an address of the user's: one JSON object each, schema `edgepose.event/1`."""

import http.client
import socket
import ssl
import time
import zlib
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from edgepose import __version__
from edgepose.daemon.events.text import text_of
from edgepose.daemon.outlets.courier import CarriedOutlet, Undelivered
from edgepose.daemon.outlets.secrets import read_secret
from edgepose.errors import ConfigError, first_line

AFTER_MOST_S = 3600.0  # of what Retry-After may ask for
N_ANSWER_BYTES = 4096  # that are read of an answer
CLOSE_S = 2.0
_LATER = (408, 425, 429)  # of 4xx those that may go well another time


class WebhookOutlet(CarriedOutlet):
    """Posts events in order; what does not arrive is tried again, what is refused is given up after a few times.

    Parameters
    ----------
    settings : WebhookSettings
    store : EventStore

    Notes
    -----
    The header `Idempotency-Key` holds id and revision: the same may come more than once. Neither the path of the
    address nor the token is ever shown; both may be secrets.
    """

    def __init__(self, settings, store):
        self._settings, self._connection = settings, None
        self._address = _parse(settings.url)
        mark = zlib.crc32(repr((settings.url, sorted(settings.severities))).encode())  # shows no secret
        super().__init__(f"webhook-{self._address.hostname}-{mark:08x}", store)

    def open(self):
        """Check the token and start the thread; ConfigError where the token cannot be read."""
        self._headers()
        self._courier.open()

    def close(self):
        """Stop within `CLOSE_S`, also in the middle of a delivery. Twice is fine."""
        self._courier.stop()
        _cut(self._connection)
        self._courier.join(CLOSE_S)

    def _send(self, event):
        if event.severity not in self._settings.severities:
            return
        try:
            status, after = self._post(event)
        except (OSError, http.client.HTTPException) as error:
            raise Undelivered(f"{self._address.hostname}: {first_line(error)}") from error
        except ConfigError as error:
            raise Undelivered(str(error)) from error
        if not 200 <= status < 300:
            final = status < 500 and status not in _LATER
            raise Undelivered(f"{self._address.hostname} answers {status}", after_s=_seconds(after), final=final)

    def _post(self, event):
        """Send one event: (status, Retry-After or None)."""
        headers = {**self._headers(), "Idempotency-Key": f"{event.id}-{event.revision}"}
        self._connection = connection = self._connect_to(self._address)
        try:
            connection.connect()
            self._courier.check_open()  # from here on `close` can cut the connection
            connection.request("POST", _target(self._address), text_of(event).encode(), headers)
            answer = connection.getresponse()
            answer.read(N_ANSWER_BYTES)
            return answer.status, answer.getheader("Retry-After")
        finally:
            self._connection = None
            connection.close()

    def _connect_to(self, address):
        timeout_s = self._settings.timeout_s
        if address.scheme == "http":
            return http.client.HTTPConnection(address.hostname, address.port, timeout=timeout_s)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(address.hostname, address.port, timeout=timeout_s, context=context)

    def _headers(self):
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"edgepose/{__version__}"}
        if self._settings.token_file:
            token = read_secret(self._settings.token_file, "token")
            if not token.isascii():
                raise ConfigError(f"{self._settings.token_file}: a token has no other letters than ASCII's")
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def __repr__(self):
        return f"<WebhookOutlet {self._address.scheme}://{self._address.hostname}>"


def _parse(url):
    """The parts of an address; ConfigError for what is none."""
    try:
        address = urlsplit(url)
        well = address.scheme in ("http", "https") and address.hostname and address.port != 0
    except ValueError:
        well = False
    if not well or not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigError("webhook: url should be http://… or https://…")
    if address.username is not None:
        raise ConfigError("webhook: url holds a user's name or password; put a token into token_file instead")
    return address


def _target(address):
    return (address.path or "/") + (f"?{address.query}" if address.query else "")


def _seconds(after):
    """What Retry-After asks for, in s: a number or a date; None for what is neither."""
    if after is None:
        return None
    try:
        wait_s = float(after) if after.strip().isdigit() else parsedate_to_datetime(after).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, wait_s), AFTER_MOST_S)


def _cut(connection):
    """End a connection that another thread waits on."""
    sock = getattr(connection, "sock", None)
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
