"""Where decoded keypoints lie in the source picture, in plain integers: the reference of place.c."""


def to_source_q4(cells_q24, stride, origin_q16, scale_q16, limit):
    """Cells along one axis to 1/16 source px, from 0 to the picture's size `limit` in px."""
    input_q16 = (int(cells_q24) * stride) >> 8
    source_q4 = (origin_q16 + ((input_q16 * scale_q16 + 32768) >> 16) + 2048) >> 12
    return min(max(source_q4, 0), limit << 4)


def surround_into(keypoints_q4, visible, box_q4):
    """The box around the visible keypoints, or around all where none is visible."""
    seen = keypoints_q4[visible] if visible.any() else keypoints_q4
    box_q4[:2] = seen.min(axis=0)
    box_q4[2:] = seen.max(axis=0) - box_q4[:2]
