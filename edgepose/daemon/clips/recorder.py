"""Keeps clips of one camera's events, in a thread of its own."""

import threading
import time
from collections import deque

from edgepose.daemon.clips.keeper import Keeper
from edgepose.daemon.clips.take import Take, is_news

_MAX_NEWS, _MAX_TAKES, _MAX_VIDEOS, _MAX_DONE = 256, 64, 4, 256
_S = 1_000_000_000
_REST_NS = 600 * _S  # while nothing is under way, old clips are looked after


class Recorder:
    """Remembers a camera's last minute and keeps what belongs to events.

    Parameters
    ----------
    camera : CameraSettings
    clips : ClipSettings
    skeleton : Skeleton
    shelf : Shelf, opened
    kept : callable(event_id) or None, told of every file that is there or new, from the recorder's thread

    Attributes
    ----------
    tap : callable(packet, stream) for the camera's capture, or None where no packets are kept
    n_lost : int, events that came faster than they can be recorded

    Notes
    -----
    `on_frame` and `on_event` wait for nobody's disk: they copy, and leave the rest to the thread. Where more comes
    than that can take, events are counted and not recorded. `serve` is what the thread does.
    """

    def __init__(self, camera, clips, skeleton, shelf, kept=None, clock_ns=time.monotonic_ns, wall_s=time.time):
        self._name, self._clips, self._shelf = camera.name, clips, shelf
        self._clock_ns, self._wall_s = clock_ns, wall_s
        self._keeper = Keeper(camera, clips, skeleton, shelf, kept, clock_ns) if clips.mode != "none" else None
        self.tap = self._keeper and self._keeper.tap
        self._changed, self._news, self._takes, self._done = threading.Condition(), {}, {}, deque(maxlen=_MAX_DONE)
        self._thread, self._stopping, self.n_lost = None, False, 0

    def open(self):
        """Start the thread; where nothing is kept, it only removes what has become too old."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"clips-{self._name}", daemon=True)
        self._thread.start()

    def use(self, camera):
        """Go on with other zones of the same camera."""
        if self._keeper is not None:
            self._keeper.use(camera)

    def close(self, wait_s=2.0):
        """Write what is under way as far as it has come, and end the thread; twice is fine."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(wait_s)

    def on_frame(self, poses):
        """Remember a frame's poses; for the inference loop."""
        if self._keeper is not None:
            self._keeper.remember(poses)

    def on_event(self, event):
        """Take notice of an event, or of what is new about one; from any thread."""
        if self._keeper is None:
            return
        with self._changed:
            if event.id not in self._news and len(self._news) >= _MAX_NEWS:
                self.n_lost += 1
                return
            self._news[event.id] = event
            self._changed.notify()

    def health(self):
        """Plain values: `n_open` clips under way, `n_lost` events, `n_written` and `n_failed` files, `last_error`."""
        kept = self._keeper.health() if self._keeper else {"n_written": 0, "n_failed": 0, "last_error": None}
        return {"n_open": len(self._takes), "n_lost": self.n_lost, **kept}

    def _run(self):
        while not self._stopping:
            due_ns = self.serve(self._clock_ns())
            with self._changed:
                wait_s = max(0, due_ns - self._clock_ns()) / _S
                self._changed.wait_for(lambda: self._news or self._stopping, wait_s)
        self._stop()

    def serve(self, now_ns):
        """Do what is due; when there will be more to do, monotonic ns."""
        self._take_news(now_ns)
        for take in self._takes.values():
            self._keeper.attend(take, now_ns)
        for event_id in [event_id for event_id, take in self._takes.items() if take.done]:
            del self._takes[event_id]
            self._done.append(event_id)
        self._shelf.tidy()
        return self._next_ns(now_ns)

    def _take_news(self, now_ns):
        with self._changed:
            news, self._news = self._news, {}
        for event in news.values():
            self._note(event, now_ns)

    def _note(self, event, now_ns):
        """Begin to record an event, or learn what is new about one."""
        now_ms = round(self._wall_s() * 1000)
        take = self._takes.get(event.id)
        if take is not None:
            take.note(event, now_ns, now_ms)
        elif event.id not in self._done and is_news(event, now_ms):
            self._begin(Take(event, now_ns, now_ms, self._clips))

    def _begin(self, take):
        if len(self._takes) >= _MAX_TAKES:
            self.n_lost += 1
            return
        self._takes[take.event.id] = take
        if sum(1 for other in self._takes.values() if other.video) < _MAX_VIDEOS:
            self._keeper.film(take)

    def _next_ns(self, now_ns):
        due = [take.due_ns for take in self._takes.values() if take.due_ns is not None]
        filming = any(take.video for take in self._takes.values())
        return min(due + [now_ns + (_S if filming else _REST_NS)])

    def _stop(self):
        now_ns = self._clock_ns()
        self._take_news(now_ns)
        for take in self._takes.values():
            self._keeper.finish(take, now_ns)
        self._takes.clear()
