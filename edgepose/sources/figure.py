"""A walking, waving human figure: where its 17 keypoints are at any moment.

Lengths are in body heights (Drillis and Contini 1966, as in Winter, Biomechanics, table 4.1), the origin is the
middle of the hips, x to the right and y down in the picture. The figure faces us: its left is on the right.
"""

import math

import numpy as np

SHOULDER, HIP = 0.112, 0.058  # half the distances between the joints
TORSO, THIGH, SHANK, UPPER_ARM, FOREARM = 0.288, 0.245, 0.246, 0.186, 0.146
NOSE, EYE, EAR = 0.098, 0.119, 0.110  # above the shoulders
SOLE = THIGH + SHANK + 0.039  # below the hips
TOP = TORSO + 0.182  # of the head, above the hips


def keypoints_at(phase):
    """Keypoints of the figure at a phase of its walk.

    Parameters
    ----------
    phase : float, radians; two steps every 2 pi, one wave of the arm every 4 pi

    Returns
    -------
    float64 (17, 2), x and y in body heights, order of COCO-17
    """
    out = np.zeros((17, 2))
    sway = 0.012 * math.sin(phase)
    for k, x, y in ((0, 0, NOSE), (1, 0.019, EYE), (2, -0.019, EYE), (3, 0.042, EAR), (4, -0.042, EAR)):
        out[k] = x + 2 * sway + 0.010 * math.sin(phase / 2), -TORSO - y
    for side, first in ((1, 0), (-1, 1)):
        out[5 + first] = side * SHOULDER + 1.5 * sway, -TORSO
        out[11 + first] = side * HIP + sway, 0
        _place_arm(out, first, side, phase)
        _place_leg(out, first, side, phase)
    return out


def _place_arm(out, first, side, phase):
    """The left arm waves, the right one swings. Angles are from hanging down, outwards, radians."""
    wave = (0.5 - 0.5 * math.cos(phase / 2)) if side > 0 else 0
    upper = 0.22 + 0.10 * math.sin(phase) * side + 1.25 * wave
    lower = upper - 0.12 + 1.25 * wave
    out[7 + first] = out[5 + first] + UPPER_ARM * np.array([side * math.sin(upper), math.cos(upper)])
    out[9 + first] = out[7 + first] + FOREARM * np.array([side * math.sin(lower), math.cos(lower)])


def _place_leg(out, first, side, phase):
    """A leg that is lifted towards us looks shorter."""
    lift = max(0.0, side * math.sin(phase))
    out[13 + first] = out[11 + first] + (side * (0.012 + 0.02 * lift), THIGH * (1 - 0.28 * lift))
    out[15 + first] = out[13 + first] + (side * (0.006 - 0.015 * lift), SHANK * (1 - 0.12 * lift))
