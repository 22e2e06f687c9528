"""Lightweight OpenPose's decode in floats, step by step as its author published it: the oracle of ours.

Source: Osokin, "Real-time 2D Multi-Person Pose Estimation on CPU: Lightweight OpenPose", 2018, and the published
post-processing that belongs to it. Its known faults are kept: the leftmost of near peaks stays, equal neighbours kill
a peak, halves of a person stay apart, keypoints are overwritten, scores exceed 1.
"""

import numpy as np
import pytest

UPSAMPLE = 4
#: Ends of the limbs, and the channel of the affinity field's x of each; y is the next channel.
LIMBS = ((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13), (1, 0),
         (0, 14), (14, 16), (0, 15), (15, 17), (2, 16), (5, 17))
FIELDS = (12, 20, 14, 16, 22, 24, 0, 2, 4, 6, 8, 10, 28, 30, 34, 32, 36, 18, 26)
N_KEYPOINTS, N_SAMPLES = 18, 10


def decode(heatmap, paf, stride=8, min_peak=0.1, min_paf=0.05, min_share=0.8):
    """Poses from real-valued maps.

    Parameters
    ----------
    heatmap : float (H, W, 19)
    paf : float (H, W, 38)
    stride : input px a cell

    Returns
    -------
    keypoints : float64 (P, 18, 3), x and y in input px (a pixel's centre at +0.5), score; NaN, NaN, 0 where missing
    scores : float64 (P,), the sum of keypoints' and limbs' scores times the count less one, as the author ranks poses
    """
    cv2 = pytest.importorskip("cv2", reason="the oracle upsamples as OpenCV does")
    heatmap, paf = (cv2.resize(np.float32(maps), None, fx=UPSAMPLE, fy=UPSAMPLE, interpolation=cv2.INTER_CUBIC)
                    for maps in (heatmap, paf))
    peaks, first = [], 0
    for k in range(N_KEYPOINTS):
        peaks.append(find_peaks(heatmap[..., k], first, min_peak))
        first += len(peaks[-1])
    points = np.concatenate(peaks)
    poses = group(peaks, points, paf, min_paf, min_share)
    kept = [pose for pose in poses if pose[19] >= 3 and pose[18] / pose[19] >= 0.2]
    keypoints = np.full((len(kept), N_KEYPOINTS, 3), (np.nan, np.nan, 0))
    for out, pose in zip(keypoints, kept):
        seen = pose[:18] >= 0
        out[seen] = points[pose[:18][seen].astype(int), :3]
    keypoints[..., :2] = (keypoints[..., :2] + 0.5) * stride / UPSAMPLE
    return keypoints, np.array([pose[18] * max(0, pose[19] - 1) for pose in kept])


def find_peaks(heatmap, first, min_peak=0.1, apart=6):
    """float (N, 4): x, y in upsampled px, score, number of the peak from `first` on."""
    high = np.pad(np.where(heatmap < min_peak, 0, heatmap), 1)
    middle = high[1:-1, 1:-1]
    above = [middle > high[1:-1, :-2], middle > high[1:-1, 2:], middle > high[:-2, 1:-1], middle > high[2:, 1:-1]]
    ys, xs = np.nonzero(np.logical_and.reduce(above))
    kept = []
    for x, y in sorted(zip(xs.tolist(), ys.tolist())):
        if all((x - a) ** 2 + (y - b) ** 2 >= apart ** 2 for a, b, *_ in kept):
            kept.append((x, y, heatmap[y, x], first + len(kept)))
    return np.array(kept, float).reshape(-1, 4)


def group(peaks, points, paf, min_paf=0.05, min_share=0.8):
    """Poses as rows of 18 peak numbers (-1 where missing), the sum of scores, the count of keypoints."""
    poses = []
    for limb, ((ka, kb), field) in enumerate(zip(LIMBS, FIELDS)):
        for a, b, score in connect(peaks[ka], peaks[kb], paf[..., field:field + 2], min_paf, min_share):
            (_fill if limb >= 17 else _extend)(poses, ka, kb, a, b, score, points)
    return poses


def _extend(poses, ka, kb, a, b, score, points):
    """Add a limb to the poses that have its first end, over what they had there; else begin a pose."""
    mine = [pose for pose in poses if pose[ka] == a]
    for pose in mine:
        pose[kb] = b
        pose[18:] += points[b, 2] + score, 1
    if not mine:
        pose = np.full(20, -1.0)
        pose[[ka, kb]], pose[18:] = (a, b), (points[[a, b], 2].sum() + score, 2)
        poses.append(pose)


def _fill(poses, ka, kb, a, b, score, points):
    """Only fill the end that a pose lacks."""
    for pose in poses:
        if pose[ka] == a and pose[kb] == -1:
            pose[kb] = b
        elif pose[kb] == b and pose[ka] == -1:
            pose[ka] = a


def connect(from_peaks, to_peaks, field, min_paf=0.05, min_share=0.8):
    """[(peak, peak, score)] of one limb, each peak once, the best first."""
    if not len(from_peaks) or not len(to_peaks):
        return []
    start, end = from_peaks[None, :, :2], to_peaks[:, None, :2]
    along = np.linspace(0, 1, N_SAMPLES)[:, None]
    at = np.rint(start[:, :, None] + along * (end - start)[:, :, None]).astype(int)
    unit = (end - start) / (np.linalg.norm(end - start, axis=2, keepdims=True) + 1e-6)
    aligned = (field[at[..., 1], at[..., 0]] * unit[:, :, None]).sum(axis=3)
    passed = aligned > min_paf
    scores = (aligned * passed).sum(axis=2) / (passed.sum(axis=2) + 1e-6)
    fits = (scores > 0) & (passed.sum(axis=2) >= min_share * N_SAMPLES)
    found, used = [], set()
    for b, a in sorted(np.argwhere(fits), key=lambda pair: -scores[tuple(pair)]):
        ends = ("a", a), ("b", b)
        if not used.intersection(ends):
            used.update(ends)
            found.append((int(from_peaks[a, 3]), int(to_peaks[b, 3]), scores[b, a]))
    return found


def real(stored, output):
    """Maps as float64 from their stored integers and the manifest's output."""
    return (stored.astype(np.float64) - output.zero_point) * output.scale
