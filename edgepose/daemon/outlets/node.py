"""What a node says of itself over MQTT, and what it lets itself be told."""

import json
import logging
import threading
import time

from edgepose.daemon.outlets import home_assistant, state
from edgepose.daemon.outlets.commands import read_acknowledgement, read_mode
from edgepose.errors import first_line

ALIVE_S, MODE_S, HEALTH_S = 0.2, 1.0, 5.0  # between looks at what is open, at mode and people, at health
AGAIN_S = 60.0  # between words of what changes all the time
FRESH_MS = 60_000  # an event that is older says no more that its rule holds
REFUSAL_S = 10.0  # between words about messages that are refused

log = logging.getLogger(__name__)


class Node:
    """States as retained messages, each said when it has changed; commands, believed when they are valid.

    Parameters
    ----------
    settings : MqttSettings
    topics : Topics
    hub : Hub
    store : EventStore

    Attributes
    ----------
    link : Link, set before the first connection stands
    n_refused : int, messages that were not valid
    stale : threading.Event, set by whoever knows of a change of events
    """

    def __init__(self, settings, topics, hub, store):
        self._discovery, self._topics, self._hub, self._store = settings.discovery, topics, hub, store
        self._introduction = home_assistant.discovery_topic(settings.discovery, settings.node)
        self.link, self.n_refused, self.stale = None, 0, threading.Event()
        self._said, self._due, self._poses, self._described = {}, {}, {}, None

    def take_poses(self, camera, text):
        """Count people in these poses when it is time for it."""
        self._poses[camera] = text

    def greet(self):
        """A connection stands: ask for commands, say all that is so."""
        wanted = [self._topics.set_mode, self._topics.acknowledge]
        if self._discovery:
            wanted += [f"{self._discovery}/status", self._introduction]
        self.link.subscribe(*wanted)
        self._introduce()
        self.link.publish(self._topics.availability, "online", retain=True)

    def tell(self):
        """Say what has changed: rules and alarms soon after an event, the mode each second, health now and then."""
        if self.stale.is_set() and self._is_due("alive", ALIVE_S):
            self.stale.clear()
            alive = self._store.alive()
            self._say_all(state.rule_messages(self._topics, self._hub.cameras(), alive))
            self._say(self._topics.alarm, state.alarm_text(alive))
        if self._is_due("mode", MODE_S):
            mode = self._hub.mode()
            self._say_all({self._topics.mode: mode["mode"], self._topics.prompt: mode["prompt"] or "none"})
            self._say_all({self._topics.of_camera(camera, "people"): str(state.count_people(text))
                           for camera, text in tuple(self._poses.items())})
        if self._is_due("health", HEALTH_S):
            self._tell_health()
            self._tell_change()

    def pulse(self, event):
        """Say that a rule holds, also where its event is over before the next look at what is open."""
        if event.revision == 1 and self._hub.about()["now_ms"] - event.opened_ms < FRESH_MS:
            self._say(self._topics.of_rule(event.camera, event.rule), state.rule_text(event))
            self.stale.set()

    def hear(self, topic, payload, retained):
        """A message came, of anybody who may write to the broker: believe nothing of it."""
        try:
            self._obey(topic, payload, retained)
        except Exception as error:
            self.n_refused += 1
            if self._is_due("refusal", REFUSAL_S):
                log.warning("mqtt: a message to %s is refused: %s", topic, first_line(error))

    def _obey(self, topic, payload, retained):
        if topic in (self._topics.set_mode, self._topics.acknowledge):
            if retained:
                raise ValueError("a command should not be retained: it would come again with every connection")
            self._command(topic, payload)
        elif topic != self._introduction:
            if payload == b"online" and not retained:  # Home Assistant has started
                self._introduce()
        elif retained:
            self._clear(payload)

    def _command(self, topic, payload):
        if topic == self._topics.set_mode:
            self._hub.set_mode(read_mode(payload), by="mqtt")
            self._due.pop("mode", None)
        else:
            event_id, by = read_acknowledgement(payload)
            self._hub.acknowledge(event_id, by=f"mqtt: {by}" if by else "mqtt")

    def _introduce(self):
        """Describe the node to Home Assistant, and say everything anew."""
        self._described = self._describe()
        if self._discovery:
            self._publish_description(self._described)
        self._said.clear()
        self._due.clear()
        self.stale.set()

    def _tell_change(self):
        """Where the configuration has changed, say so; rules that are no more leave nothing at the broker."""
        now, before = self._describe(), self._described
        if now != before:
            said = {topic for topic in self._said if "/rules/" in topic}
            for topic in said - state.rule_messages(self._topics, self._hub.cameras(), ()).keys():
                self.link.publish(topic, "", retain=True)
            if self._discovery:
                self._clear(json.dumps(before))
            self._introduce()

    def _clear(self, before):
        """Where an earlier description names what is no more, tell Home Assistant that it is gone."""
        now = self._describe()
        marked = home_assistant.gone(before, now)
        if marked:
            self._publish_description(marked)
            self._publish_description(now)

    def _describe(self):
        return home_assistant.describe(self._topics, self._hub.cameras(), self._hub.about())

    def _publish_description(self, description):
        self.link.publish(self._introduction, json.dumps(description), retain=True)

    def _tell_health(self):
        messages = state.health_messages(self._topics, self._hub.health())
        again = self._is_due("health again", AGAIN_S)
        for topic, text in messages.items():
            if again or topic != self._topics.health:  # uptime changes all the time
                self._say(topic, text)

    def _say_all(self, messages):
        for topic, text in messages.items():
            self._say(topic, text)

    def _say(self, topic, text):
        """Publish a retained message, unless it is the last one that was said there."""
        if self._said.get(topic) != text:
            self.link.publish(topic, text, retain=True)
            self._said[topic] = text

    def _is_due(self, what, every_s):
        now_s = time.monotonic()
        if now_s < self._due.get(what, 0.0):
            return False
        self._due[what] = now_s + every_s
        return True
