"""One event that is being recorded: from when to when, and what is to be written next."""

_MS, _S = 1_000_000, 1_000_000_000
LONGEST_S = 60.0  # of an event that its clip shows; of what comes later, only the end
FIRST_S = 2.0  # after an event opened there is something to look at
_SETTLE_NS = _S // 2  # a frame is remembered this long after it was captured, at most
_NEWS_MS = 60_000  # an event that is older when it is heard of is none of ours: it has a clip, or never will


def reach_s(clips):
    """How far back a ring must reach for clips of these ClipSettings, s."""
    return clips.before_s + LONGEST_S + clips.after_s + FIRST_S + _SETTLE_NS / _S


def is_news(event, now_ms):
    """Whether something can still be kept of an event that nobody recorded so far."""
    return event.clip and abs(now_ms - event.opened_ms) <= _NEWS_MS


class Take:
    """When an event's clip begins and ends.

    Parameters
    ----------
    event : Event, as it opened
    now_ns, now_ms : int, the moment at which it was heard of: monotonic, and wall time
    clips : ClipSettings

    Attributes
    ----------
    event : Event, the newest
    begin_ns : int, monotonic, time 0 of the clip
    video : VideoClip or None
    is_long : bool, the event went on after what is recorded in one go
    done : bool, all is written

    Notes
    -----
    Written three times at most: a first one soon after the event opened, one at the end of what is recorded in one
    go, and where the event went on after that, one with its end.
    """

    def __init__(self, event, now_ns, now_ms, clips):
        self._before_ns, self._after_ns = round(clips.before_s * _S), round(clips.after_s * _S)
        self.opened_ns = now_ns - max(0, now_ms - event.opened_ms) * _MS
        self.begin_ns, self._longest_ns = self.opened_ns - self._before_ns, self.opened_ns + round(LONGEST_S * _S)
        self.event, self.closed_ns, self.video = event, None, None
        self._has_begun = self.is_long = self.done = False
        self.note(event, now_ns, now_ms)

    def note(self, event, now_ns, now_ms):
        """Take over what is new about the event."""
        self.event = event
        if event.closed_ms is not None and self.closed_ns is None:
            closed_ns = now_ns - min(max(0, now_ms - event.closed_ms), _NEWS_MS) * _MS
            self.closed_ns = max(self.opened_ns, closed_ns)

    @property
    def end_ns(self):
        """Where what is recorded in one go ends, as far as is known."""
        closed = self.closed_ns is not None and self.closed_ns <= self._longest_ns
        return self.closed_ns + self._after_ns if closed else self._longest_ns

    @property
    def last_part(self):
        """(begin, end) ns of what is added at the end of a long event."""
        return max(self._longest_ns, self.closed_ns - self._before_ns), self.closed_ns + self._after_ns

    @property
    def due_ns(self):
        """When the next file is to be written; None where that waits for the event to close."""
        if self.is_long:
            return None if self.closed_ns is None else self.last_part[1] + _SETTLE_NS
        first_ns = self.opened_ns + round(FIRST_S * _S)
        is_first = not self._has_begun and first_ns + _SETTLE_NS < self.end_ns
        return first_ns if is_first else self.end_ns + _SETTLE_NS

    def wrote(self, now_ns):
        """Go on to the next file: the one that was due is written, or never will be."""
        self._has_begun = True
        is_end = self.is_long or now_ns >= self.end_ns + _SETTLE_NS
        has_closed = self.closed_ns is not None and self.closed_ns <= self._longest_ns
        self.done = self.is_long or (is_end and has_closed)
        self.is_long = is_end and not self.done

    def times(self, now_ns, ended=None):
        """Times of the clip as it is written now: what `document.head` wants."""
        length_ns = min(now_ns, self.end_ns) - self.begin_ns
        closed_ms = None if self.closed_ns is None else (self.closed_ns - self.begin_ns) // _MS
        why = "open" if now_ns < self.end_ns else "length" if closed_ms is None else "closed"
        return {"begin_ms": self.event.opened_ms - self._before_ns // _MS, "length_ms": max(0, length_ns) // _MS,
                "opened_ms": self._before_ns // _MS, "closed_ms": closed_ms, "ended": ended or why, "gaps": []}
