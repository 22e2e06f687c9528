"""MoveNet single pose: four quantised heads to one person's keypoints, in integers."""

from decimal import Decimal
from fractions import Fraction

import numpy as np

from edgepose import native
from edgepose.decoders import logistic
from edgepose.decoders.heads import check_outputs, where
from edgepose.decoders.presence import Presence
from edgepose.errors import ModelError
from edgepose.pose import score_to_q16

HEADS = ("center", "heatmap", "regress", "offset")
_MAX_REACH_CELLS = 180  # squared distances of that many cells, in Q48, still fit 64 bits


class MovenetDecoder:
    """Decodes MoveNet's heads into a `PoseBatch` of at most one person.

    Parameters
    ----------
    model : Model whose manifest names this decoder

    Attributes
    ----------
    skeleton : Skeleton of what it writes, the model's own
    min_score_q16 : int, presence below which nobody is reported; may be changed between frames

    Raises
    ------
    ModelError : a head is missing, has the wrong shape, or reaches too far to be squared in 64 bits

    Notes
    -----
    MoveNet always answers; whether anybody is there, and the pose's score, is what `Presence` reads from the
    trunk, or, of a model whose manifest has no `[decode.presence]`, the mean score of the keypoints. Against the
    exact float decode of the same heads: coordinates within 1/16 px of the model's input, scores within 1/255
    (tests/contract/test_movenet_accuracy.py).
    """

    capacity = 1

    def __init__(self, model):
        grid, n_keypoints = _check(model)
        self.skeleton = model.skeleton
        outputs = [model.outputs[name] for name in HEADS]
        self._order = [list(model.outputs).index(name) for name in HEADS]
        self.set_min_score(_number(model, "min_score"))
        self._setup = (grid, model.input.height // grid, n_keypoints, *(_q40(output) for output in outputs[2:]),
                       score_to_q16(_number(model, "visible_score")))
        self._presence = Presence(model) if "presence" in model.decode else None
        self._tables = np.concatenate([score_table(output) for output in outputs[:2]])

    def set_min_score(self, score):
        """Report a person from this score on, 0..1."""
        self.min_score_q16 = score_to_q16(score)

    def decode(self, outputs, slot, poses):
        """Write the person in `outputs`, or nobody, into `poses`.

        Parameters
        ----------
        outputs : int8 arrays in the order of the manifest's outputs
        slot : Slot that they came from; its fit and source size are read
        poses : PoseBatch, written
        """
        fit = slot.fit
        heads = tuple(outputs[i] for i in self._order)
        mean = native.movenet(heads, self._tables, self._setup, (fit.x0_q16, fit.y0_q16, fit.scale_q16),
                              (slot.width, slot.height), poses.keypoints_q4[0], poses.keypoint_scores_q16[0],
                              poses.boxes_q4[0])
        presence = self._presence.read(outputs) if self._presence else mean
        poses.scores_q16[0] = presence
        poses.n = int(presence >= self.min_score_q16)


def score_table(output):
    """uint32 (256,): the logistic of every stored int8 value, from -128 on, in Q31."""
    scale = Decimal(output.scale)
    return logistic.table(((stored - output.zero_point) * scale for stored in range(-128, 128)), 1 << 31, np.uint32)


def _q40(output):
    """(zero point, scale in Q40), from the scale's exact value."""
    return output.zero_point, round(Fraction(output.scale) * (1 << 40))


def _check(model):
    """(grid, n_keypoints), after checking all that the kernel relies on."""
    n = len(model.skeleton.keypoints)
    grid = model.input.height // int(_number(model, "stride"))
    shapes = {name: (grid, grid, depth) for name, depth in zip(HEADS, (1, n, 2 * n, 2 * n))}
    check_outputs(model, shapes, f"the movenet decoder needs {', '.join(HEADS)}")
    reach = grid + 255 * model.outputs["regress"].scale
    if not 0 < reach <= _MAX_REACH_CELLS:
        raise ModelError(f"{where(model)}: outputs.regress.scale reaches {reach:.0f} cells; at most {_MAX_REACH_CELLS}")
    return grid, n


def _number(model, key):
    value = model.decode.get(key)
    if type(value) not in (int, float):
        raise ModelError(f"{where(model)}: decode.{key} is {value!r}; it takes a number")
    return value
