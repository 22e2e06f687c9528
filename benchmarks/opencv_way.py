"""The same work as a user would write it with OpenCV and NumPy: what the stages are compared with."""

import cv2
import numpy as np

GRID = np.arange(48, dtype=np.float32)
MIDDLE = 1 / (np.hypot(GRID[:, None] - 24, GRID - 24) + 1.8)


def letterbox(array, format, side=192):
    """RGB uint8 (side, side, 3) of a bgr24 or yuv420p array: colour conversion, area resize, pad."""
    if format == "yuv420p":
        array = cv2.cvtColor(array, cv2.COLOR_YUV2BGR_I420)
    height, width = array.shape[:2]
    scale = side / max(height, width)
    size = round(width * scale), round(height * scale)
    small = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    padded = cv2.copyMakeBorder(small, top, side - size[1] - top, left, side - size[0] - left, cv2.BORDER_CONSTANT)
    return cv2.cvtColor(padded, cv2.COLOR_BGR2RGB)


def decode(heads, outputs):
    """(y, x, score) of every joint in input px, float32 (17, 3): the exact decode, all joints at once."""
    center, heatmap, regress, offset = ((head.astype(np.float32) - output.zero_point) * np.float32(output.scale)
                                        for head, output in zip(heads[:4], outputs))
    cy, cx = np.unravel_index((MIDDLE / (1 + np.exp(-center[..., 0]))).argmax(), (48, 48))
    at = regress[cy, cx].reshape(17, 2) + (cy, cx)
    distance = np.hypot(GRID[:, None, None] - at[:, 0], GRID[None, :, None] - at[:, 1])
    scores = 1 / (1 + np.exp(-heatmap))
    peaks = (scores / (distance + 1.8)).reshape(-1, 17).argmax(axis=0)
    ky, kx = np.unravel_index(peaks, (48, 48))
    joints = np.arange(17)
    fine = offset[ky, kx].reshape(17, 17, 2)[joints, joints]
    return np.column_stack([(ky + fine[:, 0]) * 4, (kx + fine[:, 1]) * 4, scores[ky, kx, joints]])
