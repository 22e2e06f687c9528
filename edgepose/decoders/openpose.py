"""Lightweight OpenPose: heatmaps and part affinity fields to the keypoints of many people, in integers."""

from decimal import Decimal
from fractions import Fraction
from math import ceil

import numpy as np

from edgepose import native
from edgepose.decoders import logarithm
from edgepose.decoders.heads import check_outputs, where
from edgepose.errors import ModelError
from edgepose.pose import SCORE_ONE, score_to_q16
from edgepose.skeleton import OPENPOSE18

#: Outputs by name, and how deep they are; the last heatmap is the background and is not read.
MAPS = {"heatmap": 19, "paf": 38}
MAX_SIDE = 128  # cells
#: What `[decode]` may leave out: the author's own thresholds.
DEFAULTS = {"min_peak": 0.1, "min_paf": 0.05}
_LEAST_LOG = Decimal("0.02")  # heatmap values below are noise: all count as this one where a peak is refined


class OpenposeDecoder:
    """Decodes heatmaps and part affinity fields into a `PoseBatch` of at most 32 people, the best first.

    Parameters
    ----------
    model : Model whose manifest names this decoder

    Attributes
    ----------
    skeleton : Skeleton of what it writes, openpose18
    min_score_q16 : int, score of a pose below which it is not reported; may be changed between frames

    Raises
    ------
    ModelError : a map is missing or has the wrong shape, or a key of `[decode]` is out of its range

    Notes
    -----
    A pose's score is the mean of all 18 keypoints' scores; a missing keypoint lies at (0, 0) and scores 0. The best
    64 peaks of a keypoint are looked at; no frame takes more memory, and time is bounded by the pairs of 64 peaks.
    """

    capacity = 32
    skeleton = OPENPOSE18

    def __init__(self, model):
        rows, columns = _check(model)
        self._order = [list(model.outputs).index(name) for name in MAPS]
        self.set_min_score(_number(model, "min_score", 0, 1))
        paf = model.outputs["paf"]
        least_paf = _number(model, "min_paf", 0, 1) / Fraction(paf.scale) * 256
        self._setup = (rows, columns, int(_number(model, "stride", 1, 64)), _least_peak(model), paf.zero_point,
                       round(least_paf), round(Fraction(paf.scale) * (1 << 24)))
        self._tables = tables(model.outputs["heatmap"])
        self._scratch = np.zeros(native.openpose_scratch_bytes(rows, columns), np.uint8)

    def set_min_score(self, score):
        """Report a person from this score on, 0..1."""
        self.min_score_q16 = score_to_q16(score)

    def decode(self, outputs, slot, poses):
        """Write the people in `outputs` into `poses`.

        Parameters
        ----------
        outputs : int8 arrays in the order of the manifest's outputs
        slot : Slot that they came from; its fit and source size are read
        poses : PoseBatch of this decoder's skeleton, written
        """
        fit, (heatmap, paf) = slot.fit, self._order
        poses.n = native.openpose((outputs[heatmap], outputs[paf]), self._tables, self._setup, self.min_score_q16,
                                  (fit.x0_q16, fit.y0_q16, fit.scale_q16), (slot.width, slot.height), self._scratch,
                                  poses.keypoints_q4, poses.keypoint_scores_q16, poses.scores_q16, poses.boxes_q4)


def tables(output):
    """int32 (512,): of every stored heatmap value, from -128 on, the logarithm in Q12; then the score, 0..65535."""
    values = [(stored - output.zero_point) * Decimal(output.scale) for stored in range(-128, 128)]
    logs = logarithm.table((max(value, _LEAST_LOG) for value in values), 1 << 12, np.int32)
    scores = [round(min(max(value, 0), 1) * SCORE_ONE) for value in values]
    return np.concatenate([logs, np.array(scores, np.int32)])


def _least_peak(model):
    """The least stored heatmap value that is a peak."""
    output = model.outputs["heatmap"]
    stored = ceil(_number(model, "min_peak", 0.01, 1) / Fraction(output.scale)) + output.zero_point
    if not -128 < stored <= 127:
        raise ModelError(f"{where(model)}: decode.min_peak is {stored} as it is stored in outputs.heatmap;"
                         " it takes -127 to 127")
    return stored


def _check(model):
    """(rows, columns) of the maps, after checking all that the kernel relies on."""
    stride = int(_number(model, "stride", 1, 64))
    rows, columns = model.input.height // stride, model.input.width // stride
    if not (2 <= rows <= MAX_SIDE and 2 <= columns <= MAX_SIDE):
        raise ModelError(f"{where(model)}: input {model.input.height}x{model.input.width} at stride {stride} makes"
                         f" {rows}x{columns} cells; the openpose decoder takes 2 to {MAX_SIDE} a side")
    shapes = {name: (rows, columns, depth) for name, depth in MAPS.items()}
    check_outputs(model, shapes, f"the openpose decoder needs {' and '.join(MAPS)}")
    for name in MAPS:
        output = model.outputs[name]
        if not (1e-4 <= output.scale <= 1 and -128 <= output.zero_point <= 127):
            raise ModelError(f"{where(model)}: outputs.{name}: scale {output.scale}, zero point {output.zero_point};"
                             " it takes 0.0001 to 1 and -128 to 127")
    return rows, columns


def _number(model, key, low, high):
    value = model.decode.get(key, DEFAULTS.get(key))
    if type(value) not in (int, float) or not low <= value <= high:
        raise ModelError(f"{where(model)}: decode.{key} is {value!r}; it takes a number from {low} to {high}")
    return Fraction(value)
