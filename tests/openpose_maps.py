"""Heatmaps and affinity fields painted as the network was taught them, for tests of the OpenPose decoder."""

from pathlib import Path

import numpy as np

from edgepose.model import Input, Model, Output
from edgepose.skeleton import OPENPOSE18
from tests.openpose_oracle import FIELDS, LIMBS

ROWS, COLUMNS, STRIDE = 32, 57, 8
SIGMA_PX = 7  # of a keypoint's Gaussian
HEATMAP, PAF = (0.0045, -110), (0.0095, 3)  # scale, zero point: about -0.08 to 1.07, and -1.24 to 1.18

#: A person of 90 x 190 px facing us, in OpenPose's order, px from the top left of the box.
STANDING = np.array([
    (45, 18), (45, 45), (22, 46), (12, 78), (8, 105), (68, 46), (78, 78), (82, 105), (32, 104), (30, 145), (30, 184),
    (58, 104), (60, 145), (60, 184), (40, 12), (50, 12), (33, 15), (57, 15)], float)


def model(rows=ROWS, columns=COLUMNS, **decode):
    """A Model that needs no file; more keys of `[decode]` may be given."""
    outputs = {"paf": Output((rows, columns, 38), "int8", *PAF),
               "heatmap": Output((rows, columns, 19), "int8", *HEATMAP)}
    return Model(name="painted", folder=Path("painted"), summary="", licence="", source="", decoder="openpose",
                 skeleton=OPENPOSE18, input=Input(rows * STRIDE, columns * STRIDE, "bgr", 128, 1.0, 128),
                 outputs=outputs, files=(), decode={"stride": STRIDE, "min_score": 0.2, **decode}, accuracy={})


def paint(people, rows=ROWS, columns=COLUMNS, strength=0.95):
    """(heatmap, paf), int8: Gaussians and fields of people, each {keypoint: (x, y) input px}."""
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1) * STRIDE + STRIDE / 2
    heatmap, paf = np.zeros((rows, columns, 19)), np.zeros((rows, columns, 38))
    for person in people:
        for k, at in person.items():
            square = ((cells - at) ** 2).sum(axis=2)
            heatmap[..., k] = np.maximum(heatmap[..., k], strength * np.exp(-square / (2 * SIGMA_PX ** 2)))
        for (a, b), field in zip(LIMBS, FIELDS):
            if a in person and b in person:
                _paint_limb(paf[..., field:field + 2], cells, np.array(person[a]), np.array(person[b]))
    heatmap[..., 18] = 1 - heatmap[..., :18].max(axis=2)
    return quantise(heatmap, *HEATMAP), quantise(paf, *PAF)


def _paint_limb(field, cells, a, b, width_px=8):
    length = np.hypot(*(b - a))
    unit = (b - a) / length
    along = (cells - a) @ unit
    across = np.abs((cells - a) @ (-unit[1], unit[0]))
    field[(along >= -width_px) & (along <= length + width_px) & (across <= width_px)] = unit


def quantise(values, scale, zero_point):
    """int8 as the manifest's output would hold it."""
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def standing(at=(0, 0), size=1.0, without=()):
    """The standing person, {keypoint: (x, y) input px}."""
    return {k: tuple(xy * size + at) for k, xy in enumerate(STANDING) if k not in without}
