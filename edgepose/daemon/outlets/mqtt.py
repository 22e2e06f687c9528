"""Events, poses and states by MQTT; commands for mode and acknowledgement. docs/daemon/out.md has the topics."""

import logging
import threading
import time
from collections import deque

from edgepose.daemon.outlets import node
from edgepose.daemon.outlets.link import Link
from edgepose.daemon.outlets.node import Node
from edgepose.daemon.outlets.topics import Topics, is_plain
from edgepose.errors import ConfigError, first_line

N_UNDER_WAY = 16  # events that the broker has not answered yet
TURN_S = 1.0  # that nothing happens, at most
FAREWELL_S, CLOSE_S = 1.0, 3.0

log = logging.getLogger(__name__)


class MqttOutlet:
    """Says everything over one connection, in one thread.

    Parameters
    ----------
    settings : MqttSettings
    hub : Hub
    store : EventStore

    Notes
    -----
    An event counts as delivered when the broker has answered for all its messages (QoS 1), in order; what is not
    answered is sent again. Poses go with QoS 0, the newest of a camera only, and only while the line is free.
    """

    name = "mqtt"

    def __init__(self, settings, hub, store):
        if not is_plain(settings.node):
            raise ConfigError(f"mqtt: node {settings.node!r} should be letters, digits, - and _")
        self._settings, self._store, self._topics = settings, store, Topics(settings.node)
        self._node = Node(settings, self._topics, hub, store)
        self._link = self._thread = None
        self._closing, self._under_way, self._taken = threading.Event(), deque(), 0
        self._poses, self._poses_due_s = {}, 0.0
        self._n_delivered = self._n_poses = self._n_poses_dropped = self._n_faults = 0

    def open(self):
        """Check the settings and start the thread; connecting may come later. ConfigError, BackendUnavailable."""
        self._link = Link(self._settings, (self._topics.availability, "offline"), self._node.greet, self._node.hear)
        self._node.link = self._link
        self._thread = threading.Thread(target=self._run, name="edgepose-mqtt", daemon=True)
        self._thread.start()

    def announce(self, event):
        """There is an event; returns at once."""
        self._node.stale.set()
        if self._link:
            self._link.wake()

    def poses(self, camera, text):
        """The newest poses of a camera as JSON text; returns at once."""
        self._poses[camera] = text
        self._node.take_poses(camera, text)

    def health(self):
        """Plain values for the page and the metrics."""
        link = self._link
        return {"state": "live" if link and link.connected else "down", "error": link and link.trouble,
                "n_delivered": self._n_delivered, "n_connects": link.n_connects if link else 0,
                "n_refused_commands": self._node.n_refused, "n_poses": self._n_poses,
                "n_poses_dropped": self._n_poses_dropped, "n_faults": self._n_faults}

    def close(self):
        """Say goodbye and stop within `CLOSE_S`. Twice is fine."""
        self._closing.set()
        thread, self._thread = self._thread, None
        if thread:
            self._link.wake()
            thread.join(CLOSE_S)
            if not thread.is_alive():
                self._link.close()

    def _run(self):
        while not self._closing.is_set():
            try:
                self._turn()
            except Exception:  # a broker that speaks garbage, say
                self._n_faults += 1
                log.exception("mqtt: fault")
                self._link.spoil()
        try:
            self._farewell()
        except (OSError, ValueError, RuntimeError) as error:
            log.warning("mqtt: no goodbye: %s", first_line(error))

    def _turn(self):
        self._link.turn(self._pause_s())
        if self._link.connected:
            self._settle()
            self._deliver()
            self._node.tell()
            self._send_poses()

    def _pause_s(self):
        """How long to wait for something to happen: not beyond the next poses, or states that have changed."""
        pause_s = node.ALIVE_S if self._node.stale.is_set() else TURN_S
        return min(pause_s, 1 / self._settings.poses_hz) if self._settings.poses_hz > 0 else pause_s

    def _settle(self):
        """Tell the store what the broker has answered for, in order."""
        while self._under_way and all(map(self._link.is_answered, self._under_way[0][1])):
            self._store.delivered(self.name, self._under_way.popleft()[0])
            self._n_delivered += 1

    def _deliver(self):
        """Send more events, as long as not too many are under way."""
        room = N_UNDER_WAY - len(self._under_way)
        for seq, event in self._store.pending(self.name, room, after=self._taken) if room > 0 else ():
            self._under_way.append((seq, [self._link.publish(*one) for one in self._topics.of_event(event)]))
            self._taken = seq
            self._node.pulse(event)

    def _send_poses(self):
        hz, now_s = self._settings.poses_hz, time.monotonic()
        if hz <= 0 or now_s < self._poses_due_s:
            return
        self._poses_due_s = max(self._poses_due_s + 1 / hz, now_s)
        for camera in tuple(self._poses):
            text = self._poses.pop(camera)
            sent = self._link.toss(self._topics.of_camera(camera, "poses"), text)
            self._n_poses += sent
            self._n_poses_dropped += not sent

    def _farewell(self):
        """Say that nobody is there any more, and wait a moment for the broker's word on what is under way."""
        if not self._link.connected:
            return
        last = self._link.publish(self._topics.availability, "offline", retain=True)
        deadline = time.monotonic() + FAREWELL_S
        while self._link.connected and time.monotonic() < deadline and not self._link.is_answered(last):
            self._link.turn(0.05)
        self._settle()
        self._link.disconnect()

    def __repr__(self):
        return f"<MqttOutlet {self._settings.host}:{self._settings.port} as {self._settings.node}>"
