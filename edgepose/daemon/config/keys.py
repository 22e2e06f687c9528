"""Every key of the file: the field of the settings that it fills, what it takes, and what it is for."""

from dataclasses import MISSING, fields
from typing import NamedTuple

from edgepose.daemon.config import addresses, passwords
from edgepose.daemon.config import kinds as k
from edgepose.daemon.config.settings import (
    CLIPS,
    KINDS,
    MODES,
    SEVERITIES,
    CameraSettings,
    ClipSettings,
    ModeSettings,
    MqttSettings,
    RuleSettings,
    Settings,
    WebhookSettings,
    WebSettings,
    ZoneSettings,
)
from edgepose.toml.document import brief
from edgepose.toml.kinds import Kind, choice, flag, number, several, text, whole


class Key(NamedTuple):
    """One key: its Kind, what it is for, and the field that it fills where that is not called the same.

    Attributes
    ----------
    is_path : bool, it names a file or folder, from the config's folder on
    """

    kind: Kind
    text: str
    field: str | None = None
    is_path: bool = False


class Section(NamedTuple):
    """A kind of table: the dataclass that it fills (None: not one of its own), and its keys."""

    settings: type | None
    keys: dict

    def field(self, name):
        """The field of the settings that a key fills."""
        return self.keys[name].field or name

    def default(self, name):
        """What a key is where it is not given; MISSING where it must be."""
        found = [field for field in fields(self.settings or Settings) if field.name == self.field(name)]
        return found[0].default if found else _DEFAULTS[name]


def _read_hash(value):
    if type(value) is not str or not passwords.is_hash(value):
        raise ValueError
    return value


def _read_label(value):
    if type(value) is not str or not 0 < len(value) <= 48 or not value.isprintable() or value != value.strip() \
            or set(value) & set("/+#"):
        raise ValueError
    return value


_DEFAULTS = {"enabled": True, "days": k.DAYS, "at": MISSING, "mode": MISSING}  # of keys that no field alone holds
_CAMERA = text("1 to 48 letters, digits, - and _, the first no - or _", r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")
_LABEL = Kind("1 to 48 characters, none of them / + #, no blank at either end", _read_label)
_FILE = text("the name of a file; if it does not begin with /, it starts from the folder of the config")
_HASH = Kind("what `edgepose daemon --hash-password` prints", _read_hash, secret=True)
_SOURCE = text("rtsp://, http://, https://, /dev/video0, picamera:0, a video file, or clip:pedestrians", secret=True)
_WORD = text("1 to 48 letters, digits, - and _", r"[A-Za-z0-9_-]{1,48}")
_ZONES = several(_LABEL, "an array of names of this camera's zones")
_MODES = f"an array of one or more of {', '.join(brief(mode) for mode in MODES)}"
_CONDITION = text("")
_KEYPOINTS = 'an array of one or more such as "ankles", "hips below", "head not seen" or "left_wrist"'
_DAYS = f"an array of one or more of {', '.join(brief(day) for day in k.DAYS)}"

#: {name of the tables: Section}
SECTIONS = {
    "daemon": Section(Settings, {
        "directory": Key(text("the name of a folder; if it does not begin with /, it starts from that of the config"),
                         "where events and clips are kept", is_path=True),
        "model": Key(_WORD, "the network, one that `edgepose models list` shows"),
        "backend": Key(_WORD, "what runs it: auto, tflite, openvino or opencl"),
        "device": Key(text("a device's name or number"), "of openvino and opencl: where it runs"),
        "threads": Key(whole(1, 64), "threads of the network"),
        "budget_ms": Key(number(0.1, 10000), "what looking at one frame may take; people take turns beyond that"),
        "lines": Key(_FILE, "a file that every change of an event is written to, one JSON line each",
                     is_path=True),
        "max_events": Key(whole(1, 100_000_000), "events that are kept, at most"),
        "max_event_age": Key(k.age(), "events older than that are forgotten", "max_event_age_s"),
    }),
    "web": Section(WebSettings, {
        "enabled": Key(flag(), "whether there is a page", "enabled"),
        "listen": Key(addresses.listen(), "where the page is; beyond this machine it needs a password"),
        "password": Key(_HASH, "of the page"),
        "names": Key(several(addresses.host(), "an array of hosts' names"),
                     "further names under which the page may be called; needs a password"),
    }),
    "mqtt": Section(MqttSettings, {
        "host": Key(addresses.host(), "the broker"),
        "port": Key(whole(1, 65535), "its port; with `tls` 8883 unless given"),
        "user": Key(text("a name"), "whom to log in as"),
        "password_file": Key(_FILE, "a file with the password in its first line", is_path=True),
        "tls": Key(flag(), "encrypt, and check the broker's certificate"),
        "ca_file": Key(_FILE, "certificates to check it against, instead of the system's", is_path=True),
        "node": Key(_WORD, "this machine's name in topics: edgepose/NODE/..."),
        "poses_hz": Key(number(0, 60), "poses a second and camera that are sent; 0 for none"),
        "discovery": Key(addresses.discovery(), "tell Home Assistant what there is"),
    }),
    "webhook": Section(WebhookSettings, {
        "url": Key(addresses.web_address(), "where events are posted"),
        "token_file": Key(_FILE, "a file with a token in its first line, sent as `Authorization: Bearer`",
                          is_path=True),
        "timeout_s": Key(number(0.1, 120), "how long an answer may take"),
        "severities": Key(several(choice(SEVERITIES), 'an array of "notice" and "alarm"', 1), "which events"),
    }),
    "clips": Section(ClipSettings, {
        "mode": Key(choice(CLIPS), "what is kept of events: keypoints alone, the camera's own video, or nothing"),
        "before_s": Key(number(0, 120), "seconds kept from before an event"),
        "after_s": Key(number(0, 600), "and from after it"),
        "max_size": Key(k.size(), "all clips together; the oldest go", "max_bytes"),
        "max_age": Key(k.age(), "clips older than that are deleted", "max_age_s"),
    }),
    "modes": Section(ModeSettings, {
        "initial": Key(choice(MODES), "the mode until somebody or the schedule switches it"),
        "prompt": Key(flag(), "ask about the mode when an adult arrives, and when the last one leaves"),
    }),
    "modes.schedule": Section(None, {
        "days": Key(several(choice(k.DAYS), _DAYS, 1), "on which days"),
        "at": Key(k.clock(), "when, local time"),
        "mode": Key(choice(MODES), "the mode from then on"),
    }),
    "camera": Section(CameraSettings, {
        "name": Key(_CAMERA, "its name, in topics and on the page"),
        "source": Key(_SOURCE, "where its frames come from; a file is played over and over"),
        "fps": Key(number(0.1, 120), "frames a second that are looked at, at most"),
        "timeout_s": Key(number(0.5, 600), "so long without a frame, and it is connected anew"),
        "max_people": Key(whole(1, 64), "people that are followed at once"),
        "show_picture": Key(flag(), "whether the page may show its picture behind the skeletons"),
    }),
    "camera.zone": Section(ZoneSettings, {
        "name": Key(_LABEL, "its name, for rules"),
        "points": Key(k.points(), "its corners in order, edges not crossing; two points are a line"),
        "body_near": Key(number(0.01, 1), "how tall an adult is at the zone's lowest point, of the picture's height"),
        "body_far": Key(number(0.01, 1), "and at its highest point"),
    }),
    "camera.rule": Section(RuleSettings, {
        "name": Key(_LABEL, "its name, for people"),
        "kind": Key(choice(KINDS), "what it watches for; see rules.md"),
        "zones": Key(_ZONES, "where; nothing means the whole picture"),
        "outside": Key(_ZONES, "zones in which it does not count, such as the bed"),
        "keypoints": Key(several(_CONDITION, _KEYPOINTS, 1),
                         "what of a body must be in the zone, or not in, below or above it, or just seen or not"),
        "for_s": Key(number(0, 86400), "how long it must hold"),
        "people": Key(k.people(), "of `count`: how many"),
        "hours": Key(k.hours(), "local time in which it is on; may pass midnight"),
        "modes": Key(several(choice(MODES), _MODES, 1), "modes in which it is on"),
        "severity": Key(choice(SEVERITIES), "an alarm must be acknowledged, else it is told again"),
        "escalate_s": Key(number(5, 86400), "how long an alarm waits for that"),
        "direction": Key(choice(("in", "out")), "of `line`: which way; both unless given"),
        "clip": Key(flag(), "whether something is kept of its events"),
    }),
}
