"""What tests of clips share: poses, events, a shelf, a camera's recorder under a clock of the test's own."""

import numpy as np

from edgepose.daemon.clips.recorder import Recorder
from edgepose.daemon.clips.shelf import Shelf
from edgepose.daemon.config.settings import CameraSettings, ClipSettings, ZoneSettings
from edgepose.daemon.events.event import Event
from edgepose.pose import PoseBatch
from edgepose.skeleton import COCO17

MS, S = 1_000_000, 1_000_000_000
WALL_MS = 1_763_759_139_000
FLOOR = ZoneSettings("floor", ((0.1, 0.4), (0.9, 0.4), (0.9, 1.0), (0.1, 1.0)))
CAMERA = CameraSettings("bedroom", "clip.mp4", zones=(FLOOR,))


def event_id(n):
    """An id that sorts by n."""
    return f"01KAMB{n:020}"


def event(n=0, opened_ms=WALL_MS, closed_ms=None, **more):
    """An event of a fall on the floor."""
    state = "open" if closed_ms is None else "closed"
    values = {"id": event_id(n), "revision": 1, "camera": "bedroom", "rule": "fallen", "kind": "fall", "zone": "floor",
              "state": state, "severity": "alarm", "mode": "away", "opened_ms": opened_ms, "updated_ms": opened_ms,
              "closed_ms": closed_ms, "track_ids": (3,), "people": 1, "clip": True}
    return Event(**{**values, **more})


def poses(t_ns, n=1, size=(640, 480), shift=0, capacity=8):
    """A frame with n people who stand side by side and have ids from 3 on."""
    batch = PoseBatch(capacity, COCO17)
    batch.n, batch.t_ns, (batch.width, batch.height) = n, t_ns, size
    grid = np.stack([np.arange(17) % 4 * 320 + 1600 + shift, np.arange(17) * 240 + 1600], axis=1)
    for i in range(n):
        batch.keypoints_q4[i] = grid + (1600 * i, 0)
        batch.keypoint_scores_q16[i] = 60000
        batch.scores_q16[i], batch.track_ids[i] = 52428, 3 + i
    return batch


def shelf(folder, max_bytes=1 << 24, max_age_s=86400.0, **more):
    """An opened Shelf."""
    opened = Shelf(folder, max_bytes, max_age_s, **more)
    opened.open()
    return opened


class Clock:
    """Both clocks, which go on only when told to."""

    def __init__(self):
        self.now_ns = 1000 * S

    def monotonic_ns(self):
        return self.now_ns

    def wall_s(self):
        return (WALL_MS + self.now_ns // MS - 1000_000) / 1000


class Scene:
    """A recorder without its thread: `run` lets time pass, frame by frame."""

    def __init__(self, folder, camera=CAMERA, on_shelf=None, **clips):
        self.clock, self.shelf = Clock(), on_shelf or shelf(folder)
        self.recorder = Recorder(camera, ClipSettings(**clips), COCO17, self.shelf, clock_ns=self.clock.monotonic_ns,
                                 wall_s=self.clock.wall_s)

    def run(self, seconds, n=1, fps=10, each=lambda t_ns: None):
        """Let frames with n people come for a while; serve the recorder at each."""
        for _ in range(round(seconds * fps)):
            self.clock.now_ns += S // fps
            self.recorder.on_frame(poses(self.clock.now_ns, n))
            each(self.clock.now_ns)
            self.recorder.serve(self.clock.now_ns)

    def tell(self, told):
        """Tell the recorder of an event."""
        self.recorder.on_event(told)
        self.recorder.serve(self.clock.now_ns)

    @property
    def now_ms(self):
        return round(self.clock.wall_s() * 1000)
