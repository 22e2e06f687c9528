"""What the daemon's configuration says, checked: plain values that nothing changes any more."""

from dataclasses import dataclass, field

MODES = ("away", "supervised", "off")
KINDS = ("enter", "leave", "line", "loiter", "count", "fall", "lying", "missing", "alone", "blind")
CLIPS = ("skeleton", "video", "none")
SEVERITIES = ("notice", "alarm")


@dataclass(frozen=True)
class ZoneSettings:
    """A polygon in the picture, or a line of two points.

    Attributes
    ----------
    name : str
    points : tuple of (x, y) floats, 0..1 of the picture's width and height; two for a line, else three or more
    body_near, body_far : floats or None, how tall an adult stands at the zone's lowest and highest point, as a
        fraction of the picture's height: the zone's ground scale
    """

    name: str
    points: tuple
    body_near: float | None = None
    body_far: float | None = None


@dataclass(frozen=True)
class RuleSettings:
    """One rule of one camera.

    Attributes
    ----------
    name : str, unique within its camera
    kind : str, one of KINDS
    zones : tuple of str, names of zones it looks at; none means the whole picture
    outside : tuple of str, zones in which it does not count (the bed)
    keypoints : tuple of str, what of a body counts and how, as `edgepose.daemon.rules.conditions` reads it: "ankles",
        "hips below", "head not seen"
    for_s : float, how long it must hold
    people : tuple of (least, most), for `count`; most None is no limit
    hours : tuple of ("HH:MM", "HH:MM") in local time, any number; none means always; may pass midnight
    modes : tuple of str, in which it is on
    severity : str, one of SEVERITIES; an alarm must be acknowledged, else it escalates
    escalate_s : float, how long an alarm may wait for that
    direction : str or None, of `line`: "in", "out" or None for both
    clip : bool, whether something is kept of it
    """

    name: str
    kind: str
    zones: tuple = ()
    outside: tuple = ()
    keypoints: tuple = ("ankles",)
    for_s: float = 0.0
    people: tuple = (1, None)
    hours: tuple = ()
    modes: tuple = ("away", "supervised")
    severity: str = "notice"
    escalate_s: float = 60.0
    direction: str | None = None
    clip: bool = True


@dataclass(frozen=True)
class CameraSettings:
    """One camera.

    Attributes
    ----------
    name : str, letters, digits, dashes; part of topics and file names
    source : str as `open_source` takes it; a file is looped at its own pace
    fps : float, frames a second that are looked at, at most
    timeout_s : float, without a frame for so long it has stalled
    max_people : int
    show_picture : bool, the page may show the camera's picture
    zones : tuple of ZoneSettings
    rules : tuple of RuleSettings
    """

    name: str
    source: str
    fps: float = 10.0
    timeout_s: float = 10.0
    max_people: int = 8
    show_picture: bool = False
    zones: tuple = ()
    rules: tuple = ()


@dataclass(frozen=True)
class ModeSettings:
    """`schedule`: tuple of (days, "HH:MM", mode), days a tuple of "mon".."sun"; `initial` until the first of them."""

    initial: str = "away"
    schedule: tuple = ()
    prompt: bool = True


@dataclass(frozen=True)
class MqttSettings:
    """`password_file`: a file with the password in its first line; `poses_hz` 0 sends no poses."""

    host: str
    port: int = 1883
    user: str | None = None
    password_file: str | None = None
    tls: bool = False
    ca_file: str | None = None
    node: str = "edgepose"
    poses_hz: float = 0.0
    discovery: str | None = "homeassistant"


@dataclass(frozen=True)
class WebhookSettings:
    """`token_file`: sent as a bearer token."""

    url: str
    token_file: str | None = None
    timeout_s: float = 10.0
    severities: tuple = SEVERITIES


@dataclass(frozen=True)
class WebSettings:
    """`password`: scrypt hash as `edgepose daemon --hash-password` prints it; needed on all but localhost."""

    listen: str = "127.0.0.1:8420"
    password: str | None = None
    names: tuple = ()  # further host names under which the page may be called


@dataclass(frozen=True)
class ClipSettings:
    """What is kept of events: `before_s` and `after_s` around them, in at most `max_bytes`, for `max_age_s`."""

    mode: str = "skeleton"
    before_s: float = 5.0
    after_s: float = 10.0
    max_bytes: int = 1 << 30
    max_age_s: float = 14 * 86400.0


@dataclass(frozen=True)
class Settings:
    """All of it. `directory`: where events and clips are kept; `lines`: a file for JSON lines of events, or None.

    Of a file, `model`, `backend` and `threads` that are not given are the board's; here they are plain.
    """

    cameras: tuple
    directory: str = "/var/lib/edgepose"
    model: str = "movenet-lightning"
    backend: str = "auto"
    device: str | None = None
    threads: int = 1
    budget_ms: float | None = None
    modes: ModeSettings = field(default_factory=ModeSettings)
    web: WebSettings | None = field(default_factory=WebSettings)
    mqtt: MqttSettings | None = None
    webhooks: tuple = ()
    clips: ClipSettings = field(default_factory=ClipSettings)
    lines: str | None = None
    max_events: int = 100_000
    max_event_age_s: float = 365 * 86400.0
