"""Several people with a network that finds them all in one look."""


class PictureFinder:
    """Finds people in whole pictures, and says who is who.

    Parameters
    ----------
    backend : Backend, open before the first frame
    decoder : Decoder
    tracker : Tracker
    budget : Budget, which tells what a frame costs; there is only one look, so it bounds nothing
    """

    wants_frames, is_settled = False, True

    def __init__(self, backend, decoder, tracker, budget):
        self._backend, self._decoder, self.tracker, self.budget = backend, decoder, tracker, budget
        self.capacity = decoder.capacity

    @property
    def n_left_out(self):
        """How many people there were for whom the tracker had no room."""
        return self.tracker.n_left_out

    def find(self, slot, poses, motion=None):
        """Fill `poses` with the people of a frame, ids included."""
        self.budget.begin()
        self.budget.grants(0)
        self._backend.infer(slot)
        self._decoder.decode(self._backend.outputs, slot, poses)
        self.tracker.update(poses)
        self.budget.end()
