"""The connection to an MQTT broker: one thread turns it, it comes back by itself."""

import contextlib
import logging
import select
import socket
import time

from edgepose.daemon.backoff import Backoff
from edgepose.daemon.outlets import clients
from edgepose.errors import first_line

FIRST_S, MOST_S = 1.0, 15.0  # between tries to connect; an alarm may wait for it

log = logging.getLogger(__name__)


class Link:
    """A paho client without a thread of its own. All but `wake` belongs to the thread that calls `turn`.

    Parameters
    ----------
    settings : MqttSettings
    will : (topic, payload), which the broker says of a link that breaks
    on_connect : callable, each time a connection stands
    on_message : callable (topic, payload bytes, retained)

    Attributes
    ----------
    connected : bool
    trouble : str or None, why it is not
    n_connects : int

    Raises
    ------
    ConfigError : a file of the settings is missing or wrong
    BackendUnavailable : paho-mqtt is not installed
    """

    def __init__(self, settings, will, on_connect, on_message):
        client = clients.create(settings, will)
        self._settings, self._on_connect, self._on_message = settings, on_connect, on_message
        self.connected, self.trouble, self.n_connects = False, "not yet connected", 0
        self._unanswered, self._backoff, self._next_s = set(), Backoff(FIRST_S, MOST_S), 0.0
        self._spoilt = False
        self._ear, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_publish, client.on_message = self._answered, self._received
        self._client = client

    def turn(self, timeout_s):
        """Send and receive what there is, or wait for something at most so long."""
        if self._client.socket() is None or self._spoilt:
            self._reconnect(timeout_s)
        else:
            self._serve(timeout_s)
        if self._client.socket() is None:
            self.connected = False

    def spoil(self):
        """Something went wrong on this connection: make a new one."""
        self.connected, self._spoilt, self.trouble = False, True, "the broker does not speak MQTT"
        self._next_s = time.monotonic() + self._backoff.next_s()

    def publish(self, topic, payload, retain=False):
        """Send with QoS 1: a number for `is_answered`. Once taken it is sent again until the broker answers."""
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc == clients.QUEUE_SIZE:
            raise RuntimeError("more messages are under way than there are numbers for")
        self._unanswered.add(info.mid)
        return info.mid

    def toss(self, topic, payload, retain=False):
        """Send with QoS 0, where the line is free: whether it was."""
        if not self.connected or self._client.want_write():
            return False
        return self._client.publish(topic, payload, qos=0, retain=retain).rc == clients.SUCCESS

    def is_answered(self, number):
        """Whether the broker has taken a message over."""
        return number not in self._unanswered

    def subscribe(self, *topics):
        """Ask for messages of these topics."""
        self._client.subscribe([(topic, 1) for topic in topics])

    def wake(self):
        """Let `turn` return; from any thread, at once."""
        with contextlib.suppress(OSError):
            self._bell.send(b"!")

    def disconnect(self):
        """Say goodbye, so that the broker does not say it for us."""
        if self.connected:
            self._client.disconnect()
            if self._client.socket() is not None:  # else it has gone at once
                self._serve(0)

    def close(self):
        """Let go of the sockets; twice is fine."""
        self._bell.close()
        self._ear.close()
        sock = self._client.socket()
        if sock:
            sock.close()

    def _reconnect(self, timeout_s):
        left_s = self._next_s - time.monotonic()
        if left_s > 0:
            select.select([self._ear], [], [], min(left_s, timeout_s))
            self._listen()
            return
        self._next_s = time.monotonic() + self._backoff.next_s()
        try:
            clients.log_in(self._client, self._settings)
            self._client.reconnect()  # closes what there was
            self._spoilt = False
        except (OSError, ValueError) as error:  # ConfigError is one, and so is a host's name that is none
            self._note(first_line(error))

    def _serve(self, timeout_s):
        sock = self._client.socket()
        poll = select.poll()
        poll.register(self._ear, select.POLLIN)
        poll.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        pending = getattr(sock, "pending", int)()  # what TLS has read ahead
        ready = dict(poll.poll(0 if pending else 1000 * timeout_s))
        if self._ear.fileno() in ready:
            self._listen()
        events = ready.get(sock.fileno(), 0)
        if pending or events & ~select.POLLOUT:
            self._client.loop_read()
        if events & select.POLLOUT and self._client.socket():
            self._client.loop_write()
        self._client.loop_misc()

    def _listen(self):
        with contextlib.suppress(BlockingIOError):
            self._ear.recv(4096, socket.MSG_DONTWAIT)

    def _connected(self, client, userdata, flags, reason, properties):
        if reason.is_failure:
            self._note(f"the broker refuses: {reason}")
            return
        if self.trouble and self.n_connects:
            log.warning("mqtt: connected again")
        self.connected, self.trouble = True, None
        self.n_connects += 1
        self._backoff.reset()
        self._on_connect()

    def _disconnected(self, client, userdata, flags, reason, properties):
        was, self.connected = self.connected, False
        if was and reason.is_failure:
            self._note(f"the connection broke: {reason}")
            self._next_s = time.monotonic() + self._backoff.next_s()

    def _answered(self, client, userdata, mid, reason, properties):
        self._unanswered.discard(mid)

    def _received(self, client, userdata, message):
        self._on_message(message.topic, message.payload, message.retain)

    def _note(self, trouble):
        if trouble != self.trouble:
            log.warning("mqtt: no connection to %s:%d: %s", self._settings.host, self._settings.port, trouble)
        self.trouble = trouble
