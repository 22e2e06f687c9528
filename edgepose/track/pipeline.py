"""A pipeline that knows of more than one frame: who is who, where to look next, whether to look at all."""

from edgepose.letterbox import Letterbox
from edgepose.pipeline import Pipeline
from edgepose.track.view import View


class TrackedPipeline(Pipeline):
    """Poses with ids, of every frame; those of a frame that is not worth a look are the last ones.

    Parameters
    ----------
    source, model, backend, decoder, n_slots, keep_picture : as of a `Pipeline`
    options : Options
    make_backend : callable of a Model, gives a Backend for a scout; None where there is to be none

    Attributes
    ----------
    view : View of the source
    scout : str, the model that helps to find new people, or "none"
    n_shut : int, frames that were not worth a look
    n_born : int, people who got an id so far
    n_looks : int, looks at frames, of all frames together
    """

    def __init__(self, source, model, backend, decoder, options=None, make_backend=None, n_slots=3,
                 keep_picture=False):
        self.view = View(model, backend, decoder, options, make_backend)
        super().__init__(source, model, backend, decoder, n_slots, keep_picture, self.view.finder.wants_frames)
        self.poses = self.view.poses
        if self.view.reads_tensors:
            self._letterbox = Letterbox.of(model.input)
        try:
            for scout, scouts_backend in self.view.scouts:
                scouts_backend.open(scout, None)
        except BaseException:
            self.close()
            raise

    @property
    def scout(self):
        return next((scout.name for scout, _ in self.view.scouts), "none")

    @property
    def n_born(self):
        return self.view.finder.tracker.n_born

    @property
    def n_shut(self):
        return self.view.n_shut

    @property
    def n_looks(self):
        return self.view.n_looks

    def find(self, slot):
        """Fill `poses` from one frame."""
        self.view.find(slot)

    def status(self):
        """How it is doing, in a few words for people."""
        finder, words = self.view.finder, [super().status()]
        if finder.n_left_out:
            words.append(f"left out: {finder.n_left_out}")
        words.append(f"looks: {finder.budget.n_looks} in {finder.budget.spent_ns / 1e6:.1f} ms")
        return ", ".join([*words, f"still: {self.n_shut}"] if self.n_shut else words)

    def close(self):
        """Stop the capture thread, then free source and backends. Closing twice is fine."""
        super().close()
        for _, backend in self.view.scouts:
            backend.close()
