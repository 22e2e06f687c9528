"""Rules about who is in a zone: they come, they go, they stay for long."""

from edgepose.daemon.rules.kinds.rule import Rule

BREAK_NS = 2_000_000_000  # away for no longer than that, who loiters has not left


class Enter(Rule):
    """Somebody is in: from when they have been for `for_s` until they are out, or gone."""

    def judge(self, body, stay, now_ns):
        if stay.is_in and not stay.is_open and now_ns - stay.since_ns >= self.for_ns:
            self.begin(body, stay)
        elif stay.is_open and not stay.is_in:
            self.end(body, stay, ended="left")


class Leave(Rule):
    """Somebody who was in is out and stays so for `for_s`, or has left the picture from there."""

    def judge(self, body, stay, now_ns):
        if stay.is_in:
            stay.was_in = True
        elif stay.was_in and now_ns - stay.since_ns >= self.for_ns:
            stay.was_in = False
            self.tell(body)

    def forget(self, body, now_ns):
        stay = self.stays[body.place]
        if stay.was_in and body.is_at_edge:
            self.tell(body, through="the picture's edge")
        stay.clear()


class Loiter(Rule):
    """Somebody has been in for `for_s`; short breaks do not count."""

    def judge(self, body, stay, now_ns):
        if stay.is_in:
            self._go_on(stay)
        elif stay.was_in and stay.left_ns < 0:
            stay.left_ns = now_ns
        if stay.was_in and not stay.is_in and now_ns - stay.left_ns >= BREAK_NS:
            stay.was_in = False
            if stay.is_open:
                self.end(body, stay, ended="left")
        if stay.is_in and not stay.is_open and now_ns - stay.mark >= self.for_ns:
            self.begin(body, stay)

    def _go_on(self, stay):
        if not stay.was_in:
            stay.was_in, stay.mark = True, stay.since_ns
        stay.left_ns = -1
