"""One event while it is on the desk: what changes it, and when that is worth a revision."""

from dataclasses import replace

from edgepose.daemon.config.settings import RuleSettings
from edgepose.daemon.events.event import Event

UPDATE_S, UPDATE_MOST_S = 5, 300  # between revisions in which nothing much changed: a tenth of the event's age
REAL_S = 1  # between revisions at all
N_ESCALATIONS = 10
N_TRACKS = 64  # that an event names
N_BY = 64  # letters of who acknowledged
S = 1_000_000_000


class Life:
    """An event, the rule it comes of, and its times on the monotonic clock.

    Parameters
    ----------
    event : Event, changed in place from now on
    rule : RuleSettings or None, where it is none of the configuration's
    now_ns : int
    """

    def __init__(self, event, rule, now_ns):
        self.event, self._rule = event, rule or RuleSettings(event.rule, event.kind, escalate_s=60.0)
        self.key = (event.camera, event.rule, "")
        self._began_ns = self._sent_ns = now_ns  # by the clock of the signals, once there is one
        self._asked_ns = now_ns
        self._changed = self._real = False

    @classmethod
    def begin(cls, event_id, camera, signal, rule, mode, privacy, wall_ms, now_ns):
        """The event of a first signal."""
        clip = privacy != "none" and bool(rule and rule.clip)
        event = Event(event_id, 1, camera, signal.rule, signal.kind, signal.zone, "open",
                      rule.severity if rule else "notice", mode, wall_ms, wall_ms, privacy=privacy, clip=clip,
                      track_ids=tuple(signal.track_ids)[:N_TRACKS], people=signal.people, detail=dict(signal.detail))
        life = cls(event, rule, now_ns)
        life.key = (camera, signal.rule, signal.key)
        life._began_ns = life._sent_ns = signal.t_ns
        return life

    @property
    def waits(self):
        """Whether somebody ought to acknowledge it and can still be reminded."""
        event = self.event
        return (event.severity == "alarm" and event.acknowledged_ms is None and self._rule.escalate_s > 0
                and event.escalations < N_ESCALATIONS)

    def due(self, now_ns):
        """Whether it has waited long enough for a reminder."""
        return self.waits and now_ns - self._asked_ns >= max(1.0, self._rule.escalate_s) * S

    def update(self, signal, wall_ms):
        """Take a signal in: the event, where that is worth a revision now, else None."""
        self._absorb(signal)
        age_s, since_ns = (signal.t_ns - self._began_ns) / S, signal.t_ns - self._sent_ns
        least_s = REAL_S if self._real else min(max(UPDATE_S, age_s / 10), UPDATE_MOST_S)
        if not self._changed or since_ns < least_s * S:
            return None
        self._sent_ns = signal.t_ns
        return self.revise(updated_ms=wall_ms)

    def close(self, wall_ms, signal=None, ended=None):
        """The event, closed."""
        if signal:
            self._absorb(signal)
            self.event.detail["lasted_s"] = round((signal.t_ns - self._began_ns) / S, 1)
        if ended:
            self.event.detail["ended"] = ended
        if signal and signal.state == "instant":  # it opens and closes in one revision
            return self._set(state="closed", closed_ms=wall_ms)
        return self.revise(state="closed", closed_ms=wall_ms, updated_ms=wall_ms)

    def escalate(self, wall_ms, now_ns):
        """The event, once more escalated."""
        self._asked_ns = now_ns
        return self.revise(escalations=self.event.escalations + 1, updated_ms=wall_ms)

    def acknowledge(self, by, wall_ms):
        """Note who has seen it; False where somebody has before."""
        if self.event.acknowledged_ms is not None:
            return False
        self.revise(acknowledged_ms=wall_ms, acknowledged_by=str(by)[:N_BY], updated_ms=wall_ms)
        return True

    def revise(self, **changes):
        """The event, changed, with the next revision's number."""
        return self._set(revision=self.event.revision + 1, **changes)

    def copy(self):
        """The event as it is now, for others to keep."""
        return self.copy_of(self.event)

    @staticmethod
    def copy_of(event):
        """The same event, which nobody changes any more."""
        return replace(event, detail=dict(event.detail))

    def _set(self, **changes):
        for name, value in changes.items():
            setattr(self.event, name, value)
        self._changed = self._real = False
        return self.event

    def _absorb(self, signal):
        """Take over what a signal says; more people or another zone is something that cannot wait."""
        event = self.event
        more = [i for i in signal.track_ids if i not in event.track_ids][:N_TRACKS - len(event.track_ids)]
        if signal.people > event.people or signal.zone not in (None, event.zone):
            self._real = True
        if self._real or more or any(event.detail.get(key) != value for key, value in signal.detail.items()):
            self._changed = True
            event.people, event.zone = max(event.people, signal.people), signal.zone or event.zone
            event.track_ids = (*event.track_ids, *more)
            event.detail.update(signal.detail)
