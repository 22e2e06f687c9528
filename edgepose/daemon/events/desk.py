"""The life of an event: it opens, updates and closes; an alarm is acknowledged, or it escalates."""

import threading
import time
from collections import Counter, OrderedDict

from edgepose.daemon.events.ids import Ids
from edgepose.daemon.events.life import Life

N_OPEN = 500  # events at once; the oldest is closed when there are more
N_UNANSWERED = 500  # alarms that are reminded of
N_CLOSED = 256  # the last ones stay at hand, for acknowledgement while their last revision is still under way
LOOK_NS = 500_000_000  # between looks for alarms that nobody has acknowledged


class EventDesk:
    """Makes events of signals.

    Parameters
    ----------
    settings : Settings
    put : callable, takes every revision, a copy that nobody changes; must not wait
    find : callable, gives the Event of an id or None from the store; called by `acknowledge` alone
    clock : callable that gives monotonic ns

    Notes
    -----
    `take` and `tick` hold a lock for microseconds and never wait for a disk or a network.
    """

    def __init__(self, settings, put, find=lambda event_id: None, clock=time.monotonic_ns):
        self._put, self._find, self._clock, self._ids = put, find, clock, Ids()
        self._lock = threading.Lock()
        self._open, self._unanswered, self._closed = OrderedDict(), OrderedDict(), OrderedDict()
        self._n_opened, self.n_crowded_out, self._next_look_ns = Counter(), 0, 0
        self.configure(settings)

    def configure(self, settings):
        """Use other settings from now on; open events keep theirs."""
        self._privacy = settings.clips.mode
        self._rules = {(camera.name, rule.name): rule for camera in settings.cameras for rule in camera.rules}

    def restore(self, events, last_id, wall_ms):
        """Take over what the store knows as open or unanswered: nobody saw the end of what was open.

        Parameters
        ----------
        events : list of Event, oldest first
        last_id : str or None, the greatest id there is
        wall_ms : int
        """
        with self._lock:
            if last_id:
                self._ids.pass_over(last_id)
            for event in events:
                life = Life(event, self._rules.get((event.camera, event.rule)), self._clock())
                if event.state == "open":
                    self._finish(life, wall_ms, ended="restart")
                elif life.waits:
                    self._await_answer(life)

    def take(self, camera, signals, mode, wall_ms):
        """Open, update and close events by what the rules say of one frame."""
        if signals:
            with self._lock:
                for signal in signals:
                    self._take(camera, signal, mode, wall_ms)

    def tick(self, wall_ms):
        """Remind of alarms that nobody has acknowledged in time; often is fine."""
        now_ns = self._clock()
        if now_ns < self._next_look_ns:
            return
        self._next_look_ns = now_ns + LOOK_NS
        with self._lock:
            for life in self._unanswered.values():
                if life.due(now_ns):
                    self._send(life.escalate(wall_ms, now_ns))

    def acknowledge(self, event_id, by, wall_ms):
        """Somebody has seen it; the first one counts. The Event after it, None where there is no such event."""
        with self._lock:
            found = self._at_hand(event_id)
        found = None if found else self._find(event_id)  # reads the disk: not with the lock held
        with self._lock:
            life = self._at_hand(event_id) or (found and Life(found, None, self._clock()))
            if life is None:
                return None
            self._unanswered.pop(event_id, None)
            if life.acknowledge(by, wall_ms):
                self._remember(life)
                self._send(life.event)
            return life.copy()

    def set_clip(self, event_id, kept):
        """Say whether a clip of an event is kept after all."""
        with self._lock:
            life = self._at_hand(event_id)
            if life and life.event.clip != kept:
                self._send(life.revise(clip=kept))

    def held(self):
        """The ids of events that are open or not acknowledged, whose clips should stay."""
        with self._lock:
            return frozenset(self._unanswered) | {life.event.id for life in self._open.values()}

    def end(self, wall_ms, why, camera=None, rules=()):
        """Close what is open: all of it, or of one camera all but the rules named, and say why."""
        with self._lock:
            for key, life in list(self._open.items()):
                if camera in (None, key[0]) and key[1] not in rules:
                    self._finish(life, wall_ms, ended=why)

    def health(self):
        """{"n_open", "n_unanswered", "n_crowded_out", "n_opened": [[camera, rule, kind, n], ...]}."""
        with self._lock:
            opened = [[*key, n] for key, n in sorted(self._n_opened.items())]
        return {"n_open": len(self._open), "n_unanswered": len(self._unanswered), "n_opened": opened,
                "n_crowded_out": self.n_crowded_out}

    def _take(self, camera, signal, mode, wall_ms):
        key = (camera, signal.rule, signal.key)
        life = self._open.get(key)
        if signal.state == "instant":
            self._finish(self._begin(camera, signal, mode, wall_ms), wall_ms, signal)
        elif signal.state == "end":
            if life:
                self._finish(life, wall_ms, signal)
        elif life:
            self._send(life.update(signal, wall_ms))
        else:
            life = self._open[key] = self._begin(camera, signal, mode, wall_ms)
            self._send(life.event)
            self._make_room(wall_ms)

    def _begin(self, camera, signal, mode, wall_ms):
        life = Life.begin(self._ids.make(wall_ms), camera, signal, self._rules.get((camera, signal.rule)), mode,
                          self._privacy, wall_ms, self._clock())
        self._n_opened[camera, signal.rule, signal.kind] += 1
        if life.waits:
            self._await_answer(life)
        return life

    def _make_room(self, wall_ms):
        if len(self._open) > N_OPEN:
            self.n_crowded_out += 1
            self._finish(next(iter(self._open.values())), wall_ms, ended="crowded-out")

    def _finish(self, life, wall_ms, signal=None, ended=None):
        if self._open.get(life.key) is life:
            del self._open[life.key]
        self._send(life.close(wall_ms, signal, ended))
        if life.waits:
            self._await_answer(life)
        self._remember(life)

    def _await_answer(self, life):
        self._unanswered[life.event.id] = life
        if len(self._unanswered) > N_UNANSWERED:
            self._unanswered.popitem(last=False)

    def _remember(self, life):
        if life.event.state == "closed":
            self._closed[life.event.id] = life
            if len(self._closed) > N_CLOSED:
                self._closed.popitem(last=False)

    def _at_hand(self, event_id):
        life = self._unanswered.get(event_id) or self._closed.get(event_id)
        if life is None:
            life = next((life for life in tuple(self._open.values()) if life.event.id == event_id), None)
        return life

    def _send(self, event):
        """Hand on a copy of the event's newest revision; None is no news."""
        if event is not None:
            self._put(Life.copy_of(event))
