"""Names of MQTT topics, and what an event says there. docs/daemon/out.md has the table."""

import re
import zlib

from edgepose.daemon.events.text import text_of

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STRANGE = re.compile(r"[^A-Za-z0-9_-]+")


class Topics:
    """Topics of one node: `edgepose/<node>/…`.

    Parameters
    ----------
    node : str
    """

    def __init__(self, node):
        self.node, self.base = node, f"edgepose/{node}"
        self.availability, self.health = f"{self.base}/availability", f"{self.base}/health"
        self.mode, self.prompt, self.alarm = f"{self.base}/mode", f"{self.base}/prompt", f"{self.base}/alarm"
        self.set_mode, self.acknowledge = f"{self.base}/mode/set", f"{self.base}/acknowledge"

    def of_camera(self, camera, what):
        """`what`: "poses", "people" or "health"."""
        return f"{self.base}/{plain(camera)}/{what}"

    def of_rule(self, camera, rule):
        """Whether a rule holds at the moment."""
        return f"{self.base}/{plain(camera)}/rules/{plain(rule)}"

    def of_event(self, event):
        """[(topic, payload, retained), ...] that tell of a revision, in order.

        What is open and not acknowledged stays at the broker; the last word is sent, and then the topic is cleared.
        """
        topic, text = f"{self.base}/events/{event.id}", text_of(event)
        if event.state == "open" and event.acknowledged_ms is None:
            return [(topic, text, True)]
        return [(topic, text, False), (topic, "", True)]


def is_plain(name):
    """Whether a name can be part of a topic and of an identifier as it is."""
    return bool(_PLAIN.fullmatch(name))


def plain(name):
    """A name as a part of a topic or identifier: letters, digits, - and _; different names stay different."""
    if is_plain(name):
        return name
    return f"{_STRANGE.sub('_', name)[:48]}-{zlib.crc32(name.encode()):08x}"
