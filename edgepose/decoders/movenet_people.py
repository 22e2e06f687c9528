"""MoveNet single pose, asked for everybody: a person for every peak of its centre head."""

from edgepose import native
from edgepose.decoders.movenet import MovenetDecoder


class MovenetPeopleDecoder(MovenetDecoder):
    """Decodes MoveNet's heads into rough poses of up to 16 people, the best first.

    Notes
    -----
    The network was made for one person in the middle of a crop. What its centre head sees beside that person is good
    for knowing where to look, no more: a person's score is that of the centre, nobody is vouched for by `Presence`,
    and keypoints of people who are close are mixed up. Peaks count from the manifest's `visible_score` on.
    """

    capacity = 16

    def decode(self, outputs, slot, poses):
        """Write the people in `outputs` into `poses`, a PoseBatch of this capacity."""
        fit = slot.fit
        heads = tuple(outputs[i] for i in self._order)
        poses.n = native.movenet_people(heads, self._tables, self._setup, self._setup[-1],
                                        (fit.x0_q16, fit.y0_q16, fit.scale_q16), (slot.width, slot.height),
                                        poses.keypoints_q4, poses.keypoint_scores_q16, poses.scores_q16,
                                        poses.boxes_q4)
