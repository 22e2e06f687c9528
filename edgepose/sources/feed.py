"""Waiting for something slow that cannot be interrupted, without being stuck with it."""

import threading
from collections import deque


class Feed:
    """Items of a slow iterator, fetched by a thread of its own, so that waiting for them can be given up.

    Parameters
    ----------
    items : iterator; only the thread touches it
    release : callable without arguments; frees what the items are made of
    depth : int, items that are fetched ahead at most

    Notes
    -----
    The thread may outlive `close` by as long as the iterator takes for one item. Whoever comes last, the thread or
    `close`, calls `release`, so that nothing is freed under the other's hands.
    """

    def __init__(self, items, release, depth=16):
        self._changed = threading.Condition()
        self._ready, self._depth = deque(), depth
        self._release, self._n_users = release, 2
        self._stopped, self._ended, self._error = False, False, None
        threading.Thread(target=self._run, args=(items,), name="edgepose-feed", daemon=True).start()

    def take(self, wait_s):
        """The next item; None at the end and after `stop`.

        Raises
        ------
        TimeoutError : none came for `wait_s` seconds
        Exception : whatever the iterator raised, once the items before it are taken
        """
        with self._changed:
            self._changed.wait_for(self._has_news, wait_s)
            if self._stopped:
                return None
            if self._ready:
                self._changed.notify_all()
                return self._ready.popleft()
            if self._error is not None:
                raise self._error
            if not self._ended:
                raise TimeoutError(f"nothing came for {wait_s:g} s")
            return None

    def _has_news(self):
        return self._ready or self._ended or self._stopped

    def stop(self):
        """Let a waiting `take` return; nothing more is fetched."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def close(self):
        """Stop, and give up the items taken so far. Once only."""
        self.stop()
        self._leave()

    def _run(self, items):
        try:
            while self._hand_over(next(items, None)):
                pass
        except Exception as error:  # goes on in the thread that calls take
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._leave()

    def _hand_over(self, item):
        """Whether to fetch another one."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or len(self._ready) < self._depth)
            if self._stopped or item is None:
                return False
            self._ready.append(item)
            self._changed.notify_all()
            return True

    def _leave(self):
        with self._changed:
            self._n_users -= 1
            last = self._n_users == 0
        if last:
            self._release()
            self._ready.clear()
            self._release = self._error = None  # they lead back to here, and nobody may ever collect such circles
