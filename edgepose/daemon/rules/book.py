"""All rules of a camera: what they say of each frame, and whom to look at again."""

from edgepose.daemon.rules.bodies import Bodies
from edgepose.daemon.rules.clock import Hours, WatchedClock, local_minute
from edgepose.daemon.rules.kinds import KINDS
from edgepose.daemon.rules.kinds.alone import is_small
from edgepose.daemon.rules.looks import Looks
from edgepose.daemon.rules.reflections import mark_reflections
from edgepose.daemon.rules.voice import Voice
from edgepose.daemon.rules.zone import Zone
from edgepose.errors import ConfigError


class RuleBook:
    """The rules of one camera.

    Parameters
    ----------
    camera : CameraSettings
    skeleton : Skeleton of the poses
    minute : callable, minutes since midnight in local time

    Raises
    ------
    ConfigError : a rule names what there is not, or lacks what it needs; one line a rule

    Notes
    -----
    Begin and end come in pairs: for a rule and a key there is never a second "begin" before an "end"
    (tests/unit/test_daemon_rules.py). Time is what was watched: while a camera is blind, lost or still connecting,
    nobody is getting lost and nothing gets longer. All state has a fixed size.
    """

    def __init__(self, camera, skeleton, minute=local_minute):
        capacity = 4 * camera.max_people
        self._bodies, self._clock, self._voice = Bodies(capacity, skeleton), WatchedClock(), Voice()
        self._zones = {settings.name: Zone(settings) for settings in camera.zones}
        self._rules = _make_rules(camera, self._zones, skeleton, capacity, self._voice)
        self._looks, self._minute, self._size = Looks(self._bodies.anatomy), minute, None
        self._turned_id, self._is_on = -1, [False] * len(self._rules)

    @property
    def bodies(self):
        """Bodies, to read."""
        return self._bodies

    @property
    def n_adults(self):
        """How many people are there who are not known to be small; those of unknown stature count as adults."""
        scaled = [zone for zone in self._zones.values() if zone.has_scale]
        return sum(body.is_here and body.is_sure and not body.is_reflection and not is_small(body, scaled)
                   for body in self._bodies.used)

    def update(self, poses, mode, blind=None):
        """What there is to say of a frame.

        Parameters
        ----------
        poses : PoseBatch after tracker and smoother; one that the motion gate gave again counts too
        mode : str, one of MODES
        blind : str or None, as BlindWatch has it; poses of a blind camera tell nothing

        Returns
        -------
        list of Signal, the caller's own
        """
        self._voice.t_ns = poses.t_ns
        self._switch(mode)
        if blind is None:
            self._clock.watch(poses.t_ns)
            self._watch(poses)
        else:
            self._clock.skip(poses.t_ns)
        self._look_for_blindness(blind, poses.t_ns)
        return self._voice.take()

    def tick(self, now_ns, mode):
        """What there is to say while no frame comes: which rules are off by now. A lost stream ends nothing by itself.

        `now_ns`: int, monotonic; list of Signal.
        """
        self._voice.t_ns = now_ns
        self._switch(mode)
        return self._voice.take()

    def asks(self, poses):
        """Ask, of whom to look at again turned in this frame, before `update`; or None.

        Whoever looks adds the pose to `poses`, under the same track.
        """
        ask = self._looks.choose(self._bodies, poses, self._clock.now_ns)
        self._turned_id = -1 if ask is None or ask.track_id in poses.track_ids[:poses.n] else ask.track_id
        return ask

    def close(self, now_ns, reason="stopped"):
        """End all that is open, before the rules are thrown away; list of Signal."""
        self._voice.t_ns = now_ns
        for i, rule in enumerate(self._rules):
            if self._is_on[i]:
                self._is_on[i] = False
                rule.close(self._bodies, reason)
        return self._voice.take()

    def _switch(self, mode):
        minute = self._minute()
        for i, rule in enumerate(self._rules):
            in_mode = mode in rule.settings.modes
            is_on = in_mode and rule.hours.hold(minute)
            if self._is_on[i] and not is_on:
                rule.close(self._bodies, "hours" if in_mode else "mode")
            self._is_on[i] = is_on

    def _watch(self, poses):
        self._fit(poses)
        now_ns = self._clock.now_ns
        self._bodies.update(poses, self._turned_id, self._clock)
        self._turned_id = -1
        mark_reflections(self._bodies)
        for i, rule in enumerate(self._rules):
            if self._is_on[i]:
                rule.update(self._bodies, now_ns)
        self._forget_gone(now_ns)

    def _forget_gone(self, now_ns):
        for body in self._bodies.rows:
            if body.track_id >= 0 and self._bodies.is_gone(body, now_ns):
                self._forget(body, now_ns)

    def _forget(self, body, now_ns):
        for i, rule in enumerate(self._rules):
            if self._is_on[i]:
                rule.forget(body, now_ns)
        self._bodies.free(body)

    def _fit(self, poses):
        """Place the zones; of another picture size nothing that was measured holds."""
        if self._size == (poses.width, poses.height):
            return
        for zone in self._zones.values():
            zone.fit(poses.width, poses.height)
        for body in self._bodies.rows:
            if body.track_id >= 0:
                self._forget(body, self._clock.now_ns)
        self._size = poses.width, poses.height

    def _look_for_blindness(self, blind, t_ns):
        for i, rule in enumerate(self._rules):
            if self._is_on[i] and rule.settings.kind == "blind":
                rule.look(blind, t_ns)


def _make_rules(camera, zones, skeleton, capacity, voice):
    rules, faults = [], []
    for settings in camera.rules:
        try:
            if settings.kind not in KINDS:
                raise ConfigError(f"rule {settings.name}: kind {settings.kind!r} is not known; one of"
                                  f" {', '.join(KINDS)}")
            rules.append(KINDS[settings.kind](settings, zones, skeleton, capacity, voice))
            rules[-1].hours = _hours_of(settings)
        except ConfigError as error:
            faults.append(f"camera {camera.name}: {error}")
    if faults:
        raise ConfigError("\n".join(faults))
    return tuple(rules)


def _hours_of(settings):
    try:
        return Hours(settings.hours)
    except ConfigError as error:
        raise ConfigError(f"rule {settings.name}: hours: {error}") from None
