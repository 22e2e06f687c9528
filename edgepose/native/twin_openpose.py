"""Lightweight OpenPose's decode in plain NumPy integers: the reference of openpose.c, and its stand-in without a
compiler."""

from edgepose.native.twin_limbs import find_connections
from edgepose.native.twin_peaks import find_peaks
from edgepose.native.twin_people import join_people
from edgepose.native.twin_place import surround_into, to_source_q4

N_KEYPOINTS, LEAST_KEYPOINTS = 18, 3


def openpose(maps, tables, setup, least_score, fit, size, scratch, keypoints_q4, keypoint_scores_q16, scores_q16,
             boxes_q4):
    """Decode many people.

    Parameters
    ----------
    maps : int8 heatmap (H, W, 19) and part affinity fields (H, W, 38)
    tables : int32 (512,), of each stored heatmap value from -128 on its logarithm in Q12, then its score 0..65535
    setup : (H, W, stride in input px, least stored value of a peak, paf's zero point, least alignment in stored units
        of paf in Q8, paf's scale in Q24)
    least_score : int, 0..65535, from which a person is reported
    fit : (x0, y0, scale), Q16.16
    size : (width, height) of the source, px
    scratch : uint8 (`openpose_scratch_bytes(H, W)`,), the kernel's own; not used here
    keypoints_q4 : int32 (P, 18, 2), x and y, 1/16 source px, written; (0, 0) where missing
    keypoint_scores_q16 : uint16 (P, 18), written; 0 where missing
    scores_q16 : uint16 (P,), mean over all 18 keypoints, written
    boxes_q4 : int32 (P, 4), x, y, width, height around the keypoints, 1/16 source px, written

    Returns
    -------
    int, the number of people, the best first
    """
    rows, columns, stride, least_peak, *paf_setup = setup
    heatmap, paf = (stored.reshape(rows, columns, -1) for stored in maps)
    peaks = [find_peaks(heatmap[..., k], tables[:256], tables[256:], least_peak) for k in range(N_KEYPOINTS)]
    ranked = _rank(join_people(*find_connections(peaks, paf, paf_setup)), peaks, least_score)[:len(scores_q16)]
    for i, (score, person) in enumerate(ranked):
        scores_q16[i], keypoints_q4[i], keypoint_scores_q16[i] = score, 0, 0
        for k, peak in person.items():
            x_q8, y_q8, keypoint_scores_q16[i, k] = peaks[k][peak]
            keypoints_q4[i, k] = [to_source_q4((cells_q8 + 128) << 16, stride, origin, fit[2], limit)
                                  for cells_q8, origin, limit in ((x_q8, fit[0], size[0]), (y_q8, fit[1], size[1]))]
        surround_into(keypoints_q4[i], keypoint_scores_q16[i] >= 1, boxes_q4[i])
    return len(ranked)


def _rank(people, peaks, least_score):
    """[(score, person)] of those that are to be reported, the best first, of equals the first."""
    scored = [(int(sum(peaks[k][peak, 2] for k, peak in person.items())) // N_KEYPOINTS, person) for person in people]
    kept = [entry for entry in scored if len(entry[1]) >= LEAST_KEYPOINTS and entry[0] >= least_score]
    return sorted(kept, key=lambda entry: -entry[0])


def openpose_scratch_bytes(rows, columns):
    """Bytes of scratch; the twin needs none."""
    return 0
