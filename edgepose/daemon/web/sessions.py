"""Who has logged in: random tokens that only the server can look up."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

MAX_SESSIONS = 64
IDLE_S = 7 * 86400.0
AGE_S = 30 * 86400.0


@dataclass(eq=False)
class Session:
    """One browser.

    Attributes
    ----------
    token : str, what its cookie holds; no script can read it
    csrf : str, what its page sends along with every change; no page from elsewhere can read it
    begun_s, seen_s : float, monotonic
    """

    token: str
    csrf: str
    begun_s: float
    seen_s: float


class Sessions:
    """At most `MAX_SESSIONS`; who comes after that takes the place of who was away the longest."""

    def __init__(self, clock=time.monotonic):
        self._clock, self._sessions = clock, OrderedDict()

    def begin(self):
        """A new Session."""
        now = self._clock()
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now, now)
        self._sessions[session.token] = session
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def find(self, token):
        """The Session of a token, None where there is none any more."""
        session = self._sessions.get(token)
        if session is None or not self.holds(session):
            return None
        session.seen_s = self._clock()
        self._sessions.move_to_end(token)
        return session

    def holds(self, session):
        """Whether a Session has neither ended nor grown too old; one that has is forgotten."""
        now = self._clock()
        fresh = now - session.seen_s < IDLE_S and now - session.begun_s < AGE_S
        if not fresh:
            self.end(session)
        return fresh and session.token in self._sessions

    def end(self, session):
        """Forget a Session; ending twice is fine."""
        self._sessions.pop(session.token, None)

    def __len__(self):
        return len(self._sessions)


class OpenHouse:
    """In the place of `Sessions` where no password is asked: one session, which everybody on this machine has."""

    def __init__(self):
        self._session = Session("", secrets.token_urlsafe(32), 0.0, 0.0)

    def begin(self):
        """The one Session."""
        return self._session

    def find(self, token):
        """The one Session, whatever the token."""
        return self._session

    def holds(self, session):
        """Always."""
        return True

    def end(self, session):
        """It never ends."""
