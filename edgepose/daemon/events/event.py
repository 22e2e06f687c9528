"""What rules say (`Signal`) and what people hear of (`Event`)."""

from dataclasses import asdict, dataclass, field

SCHEMA = "edgepose.event/1"


@dataclass(frozen=True)
class Signal:
    """A rule's word about one frame.

    Attributes
    ----------
    rule, kind : str, of the rule
    state : "begin", "update", "end", or "instant" for what has no length (a line that was crossed)
    t_ns : int, monotonic, of the frame
    key : str, tells several at once of one rule apart (a track, a zone); an event is (camera, rule, key)
    zone : str or None
    track_ids : tuple of int
    people : int
    detail : dict of plain values
    """

    rule: str
    kind: str
    state: str
    t_ns: int
    key: str = ""
    zone: str | None = None
    track_ids: tuple = ()
    people: int = 0
    detail: dict = field(default_factory=dict)


@dataclass
class Event:
    """One thing that happened; every change of it is a new `revision`.

    Attributes
    ----------
    id : str, unique for ever, sorts by time: 26 letters and digits
    revision : int, from 1
    camera, rule, kind, zone : str
    state : "open" or "closed"
    severity : "notice" or "alarm"
    mode : str, when it opened
    opened_ms, updated_ms, closed_ms : int, ms since 1970, UTC; closed_ms None while open
    acknowledged_ms, acknowledged_by : int and str, or None
    escalations : int
    track_ids : tuple of int, all who took part
    people : int, the most at once
    privacy : "skeleton", "video" or "none": what is kept of it
    clip : bool, something is
    detail : dict of plain values
    """

    id: str
    revision: int
    camera: str
    rule: str
    kind: str
    zone: str | None
    state: str
    severity: str
    mode: str
    opened_ms: int
    updated_ms: int
    closed_ms: int | None = None
    acknowledged_ms: int | None = None
    acknowledged_by: str | None = None
    escalations: int = 0
    track_ids: tuple = ()
    people: int = 0
    privacy: str = "skeleton"
    clip: bool = False
    detail: dict = field(default_factory=dict)

    def as_table(self):
        """Plain values for JSON, schema `edgepose.event/1`."""
        return {"schema": SCHEMA, **asdict(self), "track_ids": list(self.track_ids)}

    @classmethod
    def of(cls, table):
        """The event that `as_table` made a table of."""
        values = {name: value for name, value in table.items() if name != "schema"}
        return cls(**{**values, "track_ids": tuple(values["track_ids"])})
