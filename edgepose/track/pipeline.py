"""A pipeline that knows of more than one frame: who is who, where to look next, whether to look at all."""

from edgepose.letterbox import Letterbox
from edgepose.pipeline import Pipeline
from edgepose.pose import PoseBatch
from edgepose.track import finders
from edgepose.track.gate import MotionGate
from edgepose.track.options import Options
from edgepose.track.smooth import Smoother


class TrackedPipeline(Pipeline):
    """Poses with ids, of every frame; those of a frame that is not worth a look are the last ones.

    Parameters
    ----------
    source, model, backend, decoder, n_slots, keep_picture : as of a `Pipeline`
    options : Options
    make_backend : callable of a Model, gives a Backend for a scout; None where there is to be none

    Attributes
    ----------
    scout : str, the model that helps to find new people, or "none"
    n_shut : int, frames that were not worth a look
    n_born : int, people who got an id so far
    n_looks, spent_ns : int, looks at frames and what finding has taken, of all frames together
    """

    def __init__(self, source, model, backend, decoder, options=None, make_backend=None, n_slots=3,
                 keep_picture=False):
        options = options or Options()
        self._finder, self._scouts = finders.create(model, backend, decoder, options, make_backend)
        self._gate = MotionGate(model.input.height, model.input.width) if options.gate else None
        n_keypoints = len(decoder.skeleton.keypoints)
        self._smoother = Smoother(self._finder.capacity, n_keypoints) if options.smooth else None
        self.n_shut = self.n_looks = self.spent_ns = 0
        super().__init__(source, model, backend, decoder, n_slots, keep_picture, self._finder.wants_frames)
        self.poses = PoseBatch(self._finder.capacity, decoder.skeleton)
        if self._gate or self._finder.wants_frames:  # both read what a device's own letterbox would keep to itself
            self._letterbox = Letterbox.of(model.input)
        try:
            for scout, scouts_backend in self._scouts:
                scouts_backend.open(scout, None)
        except BaseException:
            self.close()
            raise

    @property
    def scout(self):
        return next((scout.name for scout, _ in self._scouts), "none")

    @property
    def n_born(self):
        return self._finder.tracker.n_born

    def find(self, slot):
        """Fill `poses` from one frame."""
        finder, gate, poses = self._finder, self._gate, self.poses
        poses.describe(slot)
        if gate and not gate.passes(slot) and finder.is_settled:
            self.n_shut += 1
            return
        finder.find(slot, poses, gate.motion_beside(poses, slot) if gate else None)
        self.n_looks, self.spent_ns = self.n_looks + finder.budget.n_looks, self.spent_ns + finder.budget.spent_ns
        if gate:
            gate.watch(poses)  # before smoothing: what was measured moves, not what is shown
        if self._smoother:
            self._smoother.update(poses)

    def status(self):
        """How it is doing, in a few words for people."""
        finder, words = self._finder, [super().status()]
        if finder.n_left_out:
            words.append(f"left out: {finder.n_left_out}")
        words.append(f"looks: {finder.budget.n_looks} in {finder.budget.spent_ns / 1e6:.1f} ms")
        return ", ".join([*words, f"still: {self.n_shut}"] if self.n_shut else words)

    def close(self):
        """Stop the capture thread, then free source and backends. Closing twice is fine."""
        super().close()
        for _, backend in self._scouts:
            backend.close()
