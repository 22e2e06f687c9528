"""Between the daemon's threads and the browsers that watch: nothing is ever queued without bound."""

import asyncio
import contextlib
import json
import threading
from collections import deque

from edgepose.daemon.web.answers import as_json, shown_health

MAX_VIEWERS = 16
MAX_EVENTS = 64
END_S = 1.0


class Mail:
    """What one browser has not had yet: of poses, mode and health the newest, of events the last `MAX_EVENTS`.

    Notes
    -----
    Any thread may `put`, one takes. A browser that does not keep up misses frames; one that misses events is told to
    ask for them.
    """

    def __init__(self):
        self._lock, self._newest, self._poses, self._events = threading.Lock(), {}, {}, deque()
        self._missed = False

    def put(self, kind, value):
        """Take over what the Hub says."""
        with self._lock:
            if kind == "poses":
                self._poses[value[0]] = value[1]
            elif kind == "event":
                self._put_event(value)
            else:
                self._newest[kind] = value

    def _put_event(self, event):
        self._missed = self._missed or len(self._events) == MAX_EVENTS
        if self._missed:
            self._events.clear()
        else:
            self._events.append(event.as_table())

    def take(self, cameras=None):
        """Texts to send now; poses only of `cameras`, a set of names, or of all."""
        with self._lock:
            newest, poses, events, missed = self._newest, self._poses, self._events, self._missed
            self._newest, self._poses, self._events, self._missed = {}, {}, deque(), False
        yield from (as_json({"type": "event", "event": event}) for event in events)
        if missed:
            yield as_json({"type": "missed"})
        yield from (as_json({"type": kind, kind: shown(kind, value)}) for kind, value in newest.items())
        for camera, text in poses.items():
            if cameras is None or camera in cameras:
                yield f'{{"type":"poses","camera":{json.dumps(camera)},"poses":{text}}}'


def shown(kind, value):
    """What the Hub says of a kind, as the page may have it."""
    if kind != "health":
        return value
    parts = {part: {name: shown_health(health) for name, health in value[part].items()}
             for part in ("cameras", "outlets")}
    return {**value, **parts}


class Viewer:
    """One browser that watches.

    Attributes
    ----------
    session : Session
    mail : Mail
    cameras : set of str, those it shows, or None for all
    wake : asyncio.Event, set when there is mail, or something to look at
    ended : bool, the server closes
    """

    def __init__(self, session):
        self.session, self.mail, self.cameras = session, Mail(), None
        self.wake, self.ended = asyncio.Event(), False


class Viewers:
    """All browsers that watch. The Hub is listened to only while there are any.

    Parameters
    ----------
    hub : Hub
    """

    def __init__(self, hub):
        self._hub, self._lock, self._viewers, self._end = hub, threading.Lock(), (), None
        self._loop, self._ringing = None, False
        self._empty = asyncio.Event()
        self._empty.set()

    def add(self, session):
        """A Viewer, or None where there are too many. In the server's loop."""
        if len(self._viewers) >= MAX_VIEWERS:
            return None
        viewer = Viewer(session)
        self._loop = asyncio.get_running_loop()
        self._viewers = (*self._viewers, viewer)
        self._empty.clear()
        if self._end is None:
            self._end = self._hub.subscribe(self._hear)
        return viewer

    def remove(self, viewer):
        """Forget a Viewer; removing twice is fine. In the server's loop."""
        self._viewers = tuple(other for other in self._viewers if other is not viewer)
        if not self._viewers and self._end is not None:
            end, self._end = self._end, None
            end()
            self._empty.set()

    async def end(self):
        """Tell all that the server closes, and wait a little for them to go. In the server's loop."""
        for viewer in self._viewers:
            viewer.ended = True
        self.wake()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._empty.wait(), END_S)

    def wake(self):
        """Let all look at once whether their session still holds. In the server's loop."""
        self._ringing = False
        for viewer in self._viewers:
            viewer.wake.set()

    def _hear(self, kind, value):
        """What the Hub calls, from its own threads: at most one call of `wake` is under way."""
        for viewer in self._viewers:
            viewer.mail.put(kind, value)
        with self._lock:
            rings, self._ringing = self._ringing, True
        if not rings:
            self._ring()

    def _ring(self):
        try:
            self._loop.call_soon_threadsafe(self.wake)
        except RuntimeError:  # the loop has been closed: nobody watches any more
            pass

    def __len__(self):
        return len(self._viewers)
