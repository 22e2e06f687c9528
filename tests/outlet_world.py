"""What outlets are tested with: a hub, a store's events, a real mosquitto, a listener at the broker."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from dataclasses import replace

import pytest

from edgepose.daemon.config.settings import MODES
from edgepose.daemon.events.event import Event
from edgepose.daemon.events.ids import Ids
from edgepose.errors import ConfigError

WAIT_S = 20.0
CAMERAS = [{"name": "hall", "rules": [{"name": "fallen", "kind": "fall", "severity": "alarm", "zones": []},
                                      {"name": "vor der Tür", "kind": "enter", "severity": "notice", "zones": []}]}]
HEALTH = {"cameras": {"hall": {"state": "live", "since_ms": 1, "fps": 9.97, "width": 640, "height": 480, "n_frames": 70,
                               "n_drops": 3, "n_broken": 1, "n_reconnects": 2, "last_error": None, "blind": None}},
          "loop": {"n_frames": 60, "latency_us": {"count": 6, "sum": 600_000,
                                                  "buckets": [[50_000, 1], [100_000, 4], [300_000, 6]]},
                   "busy_share": 0.25},
          "store": {"state": "writing", "n_waiting": 0, "n_written": 5, "n_lost": 0},
          "outlets": {"mqtt": {"state": "live", "backlog": 2, "n_delivered": 9, "n_given_up": 1}},
          "events": {"n_open": 1, "n_unanswered": 1, "n_opened": [["hall", "fallen", "fall", 4]]},
          "memory_bytes": 123_000_000, "temperature_mc": 48_300, "uptime_s": 61.5}
_ids = Ids()


class Hub:
    """What outlets ask of the daemon, and what they told it."""

    def __init__(self):
        self.modes, self.acknowledged, self.known, self.listed = [("away", "start")], [], {}, CAMERAS

    def about(self):
        return {"version": "1.2", "board": "Test board", "model": "m", "backend": "tflite", "now_ms": now_ms()}

    def cameras(self):
        return self.listed

    def mode(self):
        return {"mode": self.modes[-1][0], "since_ms": 1, "by": self.modes[-1][1], "prompt": None}

    def set_mode(self, mode, by):
        if mode not in MODES:
            raise ConfigError("no such mode")
        self.modes.append((mode, by))

    def acknowledge(self, event_id, by):
        self.acknowledged.append((event_id, by))
        return self.known.get(event_id)

    def health(self):
        return HEALTH


class Broker:
    """A mosquitto on a port of its own, which can be stopped and started again."""

    def __init__(self, directory, *lines, port=None):
        self.port, self._directory, self._process = port or free_port(), directory, None
        self._config = directory / "mosquitto.conf"
        self._config.write_text("\n".join([f"listener {self.port} 127.0.0.1", "persistence false", *lines]) + "\n")

    def start(self):
        with open(self._directory / "mosquitto.log", "ab") as log:
            self._process = subprocess.Popen([mosquitto(), "-c", str(self._config)], stdout=log, stderr=log)
        wait_for(self._answers, "mosquitto answers")
        return self

    def stop(self):
        if self._process:
            self._process.terminate()
            self._process.wait(WAIT_S)
            self._process = None

    def pause(self):
        """Hang: the sockets stay open, and nobody answers."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._process.send_signal(signal.SIGCONT)

    def _answers(self):
        assert self._process.poll() is None, (self._directory / "mosquitto.log").read_text()
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


class Ear:
    """Hears everything at the broker: [(topic, payload text, retained), ...] in `heard`, the last of each in `last`."""

    def __init__(self, port, configure=lambda client: None):
        mqtt = pytest.importorskip("paho.mqtt.client")
        self.heard, self.last, self._ready = [], {}, threading.Event()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self.client.on_connect = lambda client, *rest: client.subscribe("#", qos=1)
        self.client.on_subscribe = lambda *rest: self._ready.set()
        self.client.on_message = lambda client, data, message: self._hear(message)
        configure(self.client)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._ready.wait(WAIT_S)

    def _hear(self, message):
        text = message.payload.decode("utf-8", "replace")
        self.heard.append((message.topic, text, message.retain))
        self.last[message.topic] = text

    def say(self, topic, payload, retain=False):
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(WAIT_S)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def mosquitto():
    """The broker's program; without it tests are skipped, and in CI that is a failure."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("mosquitto is not installed")
        pytest.skip("needs a broker: apt-get install mosquitto")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what):
    """Poll until a condition holds; the test fails where it never does."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.01)


def now_ms():
    return time.time_ns() // 1_000_000


def make_event(revision=1, event_id=None, **more):
    """An event of the hall, opened now."""
    values = {"camera": "hall", "rule": "fallen", "kind": "fall", "zone": None, "state": "open", "severity": "alarm",
              "mode": "away", "opened_ms": now_ms(), "updated_ms": now_ms(), **more}
    if values["state"] == "closed":
        values.setdefault("closed_ms", now_ms())
    return Event(event_id or _ids.make(now_ms()), revision, **values)


def next_revision(event, **changes):
    """The same event, changed."""
    return replace(event, revision=event.revision + 1, **changes)


class List:
    """A store's outbox in memory, as a courier sees it."""

    def __init__(self, *events):
        self.entries, self.done = list(enumerate(events, 1)), []

    def pending(self, outlet, limit=50, after=None):
        least = max(self.done[-1] if self.done else 0, after or 0)
        return [entry for entry in self.entries if entry[0] > least][:limit]

    def delivered(self, outlet, seq):
        self.done.append(seq)

    def alive(self):
        newest = {event.id: event for _, event in self.entries}
        return [event for event in newest.values()
                if event.state == "open" or (event.severity == "alarm" and event.acknowledged_ms is None)]

    def add(self, event):
        self.entries.append((len(self.entries) + 1, event))
        return event


