"""What one camera shows over time; several of them may look through one backend, one after the other."""

from edgepose.pose import PoseBatch
from edgepose.track import finders
from edgepose.track.gate import MotionGate
from edgepose.track.options import Options
from edgepose.track.smooth import Smoother


class View:
    """Poses with ids, of every frame of one camera; those of a frame that is not worth a look are the last ones.

    Parameters
    ----------
    model, backend, decoder : whom it looks with; the decoder is its own
    options : Options
    make_backend : callable of a Model, gives a Backend for a scout; None where there is to be none

    Attributes
    ----------
    poses : PoseBatch, of the last frame; overwritten by the next
    finder, gate, smoother : its stages; gate and smoother are None where `options` leave them out
    scouts : list of (Model, Backend) that help to find new people; opened and closed by whoever made the View
    n_shut : int, frames that were not worth a look
    n_looks, spent_ns : int, looks at frames and what finding has taken, of all frames together
    """

    def __init__(self, model, backend, decoder, options=None, make_backend=None):
        options = options or Options()
        self.finder, self.scouts = finders.create(model, backend, decoder, options, make_backend)
        self.gate = MotionGate(model.input.height, model.input.width) if options.gate else None
        n_keypoints = len(decoder.skeleton.keypoints)
        self.smoother = Smoother(self.finder.capacity, n_keypoints) if options.smooth else None
        self.poses = PoseBatch(self.finder.capacity, decoder.skeleton)
        self.n_shut = self.n_looks = self.spent_ns = 0

    @property
    def reads_tensors(self):
        """Whether it reads what a device's own letterbox would keep to itself."""
        return bool(self.gate or self.finder.wants_frames)

    def find(self, slot):
        """Fill `poses` from one frame.

        Parameters
        ----------
        slot : Slot of the ring, with a `frame` where `finder.wants_frames`; read during the call only
        """
        finder, gate, poses = self.finder, self.gate, self.poses
        poses.describe(slot)
        if gate and not gate.passes(slot) and finder.is_settled:
            self.n_shut += 1
            return
        finder.find(slot, poses, gate.motion_beside(poses, slot) if gate else None)
        self.n_looks, self.spent_ns = self.n_looks + finder.budget.n_looks, self.spent_ns + finder.budget.spent_ns
        if gate:
            gate.watch(poses)  # before smoothing: what was measured moves, not what is shown
        if self.smoother:
            self.smoother.update(poses)
