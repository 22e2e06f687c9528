"""What all kinds of rules that look at bodies share: a stay for each of them."""

from edgepose.daemon.rules.membership import Membership, Stay


class Rule:
    """A rule of a camera, with one Stay for each row of its bodies.

    Parameters
    ----------
    settings : RuleSettings
    zones : dict of Zone by name
    skeleton : Skeleton
    capacity : int, rows of the bodies' table
    voice : Voice

    Raises
    ------
    ConfigError : it names what there is not, or lacks what it needs
    """

    by_body = False

    def __init__(self, settings, zones, skeleton, capacity, voice):
        self.settings, self.voice = settings, voice
        self.membership = Membership(settings, zones, skeleton, self.by_body)
        self.stays = tuple(Stay() for _ in range(capacity))
        self.for_ns = round(settings.for_s * 1e9)

    def update(self, bodies, now_ns):
        """A frame: settle who is in, then say what there is to say."""
        for body in bodies.used:
            stay = self.stays[body.place]
            if body.is_here and not body.is_reflection:
                stay.settle(self.membership.verdict(body, stay.is_in), now_ns)
            self.judge(body, stay, now_ns)

    def judge(self, body, stay, now_ns):
        """Say what there is to say about one body, in sight or not."""

    def forget(self, body, now_ns):
        """A body is gone: end what is open about it."""
        stay = self.stays[body.place]
        if stay.is_open:
            self.end(body, stay, ended="gone")
        stay.clear()

    def close(self, bodies, reason):
        """The rule is off from now on: end all that is open."""
        for body in bodies.rows:
            stay = self.stays[body.place]
            if stay.is_open:
                self.end(body, stay, ended=reason)
            stay.clear()

    def begin(self, body, stay, **detail):
        """Open an event about a body."""
        stay.is_open = True
        self.voice.say(self.settings, "begin", body.key, self.membership.zone_of(body), (body,), **detail)

    def end(self, body, stay, **detail):
        """Close it."""
        stay.is_open = False
        self.voice.say(self.settings, "end", body.key, self.membership.zone_of(body), (body,), **detail)

    def tell(self, body, **detail):
        """Say something that has no length about a body."""
        self.voice.say(self.settings, "instant", body.key, self.membership.zone_of(body), (body,), **detail)
