"""One camera in the daemon: what captures it, what its rules say, what is kept of it, what it showed last."""

from edgepose.daemon.cameras.capture import Capture
from edgepose.daemon.clips.recorder import Recorder
from edgepose.daemon.picture import LatestPicture
from edgepose.daemon.rules.book import RuleBook
from edgepose.sinks.jsonl import PoseText
from edgepose.sources.address import mask_password


class Station:
    """Everything of one camera but its place in the inference loop.

    Parameters
    ----------
    camera : CameraSettings
    clips : ClipSettings
    model : Model
    skeleton : Skeleton
    backend : has `name`, the running backend's
    shelf : Shelf, open
    kept : callable(event_id), told of every clip that is there

    Raises
    ------
    ConfigError : a rule lacks what it needs
    """

    def __init__(self, camera, clips, model, skeleton, backend, shelf, kept):
        self.name, self.text, self.t_ns = camera.name, None, 0
        self._show(camera)
        self.source, self.model, self.skeleton, self._backend = (
            mask_password(camera.source), model.name, skeleton, backend)  # what PoseText wants to know of a run
        self.book = RuleBook(camera, skeleton)
        self.recorder = Recorder(camera, clips, skeleton, shelf, kept)
        self.capture = Capture(camera, model.input, self.recorder.tap)
        self._poses_text = PoseText(self)

    @property
    def backend(self):
        """The name of the backend that runs; after a fault it is another."""
        return self._backend.name

    @property
    def is_live(self):
        """Whether frames come."""
        return self.capture.health["state"] == "live"

    def open(self):
        """Start to capture and to record."""
        self.recorder.open()
        self.capture.start()

    def look(self, poses, slot, sideways, mode):
        """What the rules say of a frame, list of Signal; somebody who seems to lie is looked at again."""
        ask = self.book.asks(poses)
        if ask is not None:
            sideways.look(slot, ask, poses)
        self.t_ns = poses.t_ns
        self.recorder.on_frame(poses)
        return self.book.update(poses, mode, self.capture.blind)

    def show(self, poses, slot):
        """Keep what the page may ask for; the poses as JSON text."""
        if self.picture is not None:
            self.picture.keep(slot)
        self.text = self._poses_text.line(poses)
        return self.text

    def _show(self, camera):
        """Take settings over, and with them whether pictures may be seen."""
        self.settings, self.picture = camera, LatestPicture() if camera.show_picture else None

    def use(self, camera, now_ns):
        """Go on with other zones and rules of the same source; the signals that end what was open."""
        book = RuleBook(camera, self.skeleton)  # before the old one ends: it may be refused
        ended, self.book = self.book.close(now_ns, "settings"), book
        self._show(camera)
        self.recorder.use(camera)
        return ended

    def about(self):
        """Plain values for the page; see `Hub.cameras`."""
        zones = [{"name": zone.name, "points": [list(point) for point in zone.points], "body_near": zone.body_near,
                  "body_far": zone.body_far} for zone in self.settings.zones]
        rules = [{"name": rule.name, "kind": rule.kind, "severity": rule.severity, "zones": list(rule.zones)}
                 for rule in self.settings.rules]
        return {"name": self.name, "source": self.source, "show_picture": self.settings.show_picture,
                "zones": zones, "rules": rules, "health": self.health()}

    def health(self):
        """Plain values: the capture's, and what became of clips."""
        return self.capture.health | {"clips": self.recorder.health()}

    def stop(self):
        """Begin to stop; does not wait."""
        self.capture.stop()

    def close(self):
        """Stop capturing, finish what is being recorded. Twice is fine."""
        self.capture.close()
        self.recorder.close()
