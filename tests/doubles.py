"""Sources that tests feed to the pipeline."""

import threading


class ListSource:
    """Lends the given frames in turn; an exception among them is raised in its place."""

    name, n_frames, fps, n_broken = "list", None, None, 0

    def __init__(self, frames, live=False):
        self._frames, self.live, self.closed = list(frames), live, False

    def read(self):
        if not self._frames:
            return None
        frame = self._frames.pop(0)
        if isinstance(frame, Exception):
            raise frame
        return frame

    def close(self):
        self.closed = True


class GatedSource(ListSource):
    """Ends only when told to, as a camera does."""

    def __init__(self, frames):
        super().__init__(frames, live=True)
        self.exhausted, self.end = threading.Event(), threading.Event()

    def read(self):
        frame = super().read()
        if frame is None:
            self.exhausted.set()
            self.end.wait(60)
        return frame
