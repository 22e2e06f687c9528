"""Lightweight OpenPose's published decode in floats: what the integer decoder is measured against.

Source: Osokin, "Real-time 2D Multi-Person Pose Estimation on CPU: Lightweight OpenPose", 2018, and its published
post-processing. Unlike the integer decoder's, its maps are upsampled four times; it has faults that ours has not,
and they are kept: see tests/openpose_oracle.py, which is the same in OpenCV.
"""

import numpy as np

from edgepose.evaluate.float_movenet import real
from edgepose.native.twin_limbs import LIMBS
from edgepose.skeleton import COCO17, OPENPOSE18, sources

UPSAMPLE = 4
MIN_PEAK, APART_PX = 0.1, 6  # of a heatmap's peak; of two peaks, upsampled px
MIN_PAF, MIN_SHARE, N_SAMPLES = 0.05, 0.8, 10
MIN_KEYPOINTS, MIN_MEAN = 3, 0.2
N_FILL = 2  # the last limbs only fill a keypoint that is missing


class FloatOpenpose:
    """Decodes Lightweight OpenPose's quantised maps as its author does.

    Parameters
    ----------
    model : Model whose decoder is "openpose"
    """

    def __init__(self, model):
        names = list(model.outputs)
        self._maps = [(names.index(name), model.outputs[name]) for name in ("heatmap", "paf")]
        self._stride = int(model.decode["stride"])
        self._order = [pair[0] for pair in sources(OPENPOSE18, COCO17)]

    def __call__(self, outputs, slot):
        """Float64 (P, 17, 3): x and y in source px, kept inside the picture; score; all 0 where missing."""
        poses = decode(*(real(outputs[i], output) for i, output in self._maps), self._stride)[:, self._order]
        x, y = slot.fit.to_source(poses[..., 0], poses[..., 1])
        inside = np.stack([np.clip(x, 0, slot.width), np.clip(y, 0, slot.height), poses[..., 2]], axis=-1)
        return np.where(poses[..., 2:] > 0, inside, 0)


def decode(heatmap, paf, stride):
    """Float64 (P, 18, 3): x and y in input px, score; score 0 where missing.

    Parameters
    ----------
    heatmap, paf : float64 (H, W, 19), (H, W, 38)
    stride : input px a cell
    """
    heatmap, paf = upsample(heatmap), upsample(paf)
    peaks = [find_peaks(heatmap[..., k]) for k in range(len(OPENPOSE18.keypoints))]
    kept = [pose for pose in _group(peaks, paf) if pose.n >= MIN_KEYPOINTS and pose.score / pose.n >= MIN_MEAN]
    out = np.zeros((len(kept), len(peaks), 3))
    for row, pose in zip(out, kept):
        for k, i in pose.peaks.items():
            row[k] = peaks[k][i]
    out[..., :2] = (out[..., :2] + 0.5) * stride / UPSAMPLE
    return out


def upsample(maps):
    """Maps (H, W, C) four times as large, cubic (a = -0.75), the border repeated; cells' centres stay in place."""
    rows, columns = (_cubic(n) for n in maps.shape[:2])
    return np.einsum("yhc,xh->yxc", np.tensordot(rows, maps, 1), columns, optimize=True)


def _cubic(n):
    """Float64 (4 n, n): the weights of the old values in the new ones."""
    at = (np.arange(n * UPSAMPLE) + 0.5) / UPSAMPLE - 0.5
    out = np.zeros((len(at), n))
    for tap in range(-1, 3):
        cell = np.floor(at).astype(int) + tap
        d = np.abs(at - cell)
        near = (1.25 * d - 2.25) * d * d + 1
        far = ((-0.75 * d + 3.75) * d - 6) * d + 3
        np.add.at(out, (np.arange(len(at)), np.clip(cell, 0, n - 1)), np.where(d <= 1, near, far))
    return out


def find_peaks(heatmap):
    """Float64 (N, 3): x and y in upsampled px, score; the leftmost of those that are near each other."""
    high = np.pad(np.where(heatmap < MIN_PEAK, 0, heatmap), 1)
    middle, kept = high[1:-1, 1:-1], []
    is_peak = ((middle > high[1:-1, :-2]) & (middle > high[1:-1, 2:]) & (middle > high[:-2, 1:-1])
               & (middle > high[2:, 1:-1]))
    for x, y in np.argwhere(is_peak.T).tolist():
        if all(np.hypot(x - a, y - b) >= APART_PX for a, b, _ in kept):
            kept.append((x, y, heatmap[y, x]))
    return np.array(kept, float).reshape(-1, 3)


class _Pose:
    """Peaks by keypoint; the count and the sum of scores are kept apart, since a keypoint may be counted twice."""

    def __init__(self):
        self.peaks, self.n, self.score = {}, 0, 0.0

    def add(self, ends, score):
        self.peaks.update(ends)
        self.n, self.score = self.n + len(ends), self.score + score


def _group(peaks, paf):
    poses = []
    for i, (ka, kb, field) in enumerate(LIMBS):
        for a, b, score in _connect(peaks[ka], peaks[kb], paf[..., field:field + 2]):
            if i >= len(LIMBS) - N_FILL:
                _fill(poses, {ka: a, kb: b})
            else:
                _extend(poses, peaks, {ka: a}, {kb: b}, score)
    return poses


def _extend(poses, peaks, start, end, score):
    """Give the end of a limb to every pose that has its start, over what it had; else begin a pose."""
    owners = [pose for pose in poses if start.items() <= pose.peaks.items()]
    new = end if owners else start | end
    if not owners:
        owners = [_Pose()]
        poses += owners
    for pose in owners:
        pose.add(new, score + sum(peaks[k][i, 2] for k, i in new.items()))


def _fill(poses, ends):
    for pose in poses:
        if ends.items() & pose.peaks.items():
            pose.peaks = ends | pose.peaks


def _connect(starts, ends, field):
    """[(start, end, score)] of one limb, the best first, each peak once."""
    way = ends[None, :, :2] - starts[:, None, :2]
    unit = way / (np.linalg.norm(way, axis=2, keepdims=True) + 1e-6)
    along = np.linspace(0, 1, N_SAMPLES)[:, None]
    x, y = np.moveaxis(np.rint(starts[:, None, None, :2] + along * way[:, :, None]).astype(int), -1, 0)
    aligned = (field[y, x] * unit[:, :, None]).sum(axis=3)
    passed = aligned > MIN_PAF
    scores = (aligned * passed).sum(axis=2) / (passed.sum(axis=2) + 1e-6)
    scores[passed.sum(axis=2) < MIN_SHARE * N_SAMPLES] = 0
    found, taken = [], set()
    for a, b in zip(*np.unravel_index(np.argsort(-scores, axis=None, kind="stable"), scores.shape)):
        if scores[a, b] > 0 and not taken & {("start", a), ("end", b)}:
            taken |= {("start", a), ("end", b)}
            found.append((int(a), int(b), scores[a, b]))
    return found
