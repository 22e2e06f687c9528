"""The float decode of OpenPose's maps against the oracle in OpenCV, and the integer decode as eval takes it."""

import cv2
import numpy as np
import pytest

from edgepose.errors import ConfigError
from edgepose.evaluate import float_openpose, predict
from edgepose.ring import Slot
from edgepose.skeleton import Skeleton
from tests import openpose_oracle
from tests.openpose_maps import model, paint, standing

MODEL = model()
CROWD = [standing((20, 30)), standing((80, 40), 0.8), standing((300, 20), 1.1, without=(1, 8, 9)),
         standing((200, 100), 0.5)]


def real(maps):
    return [openpose_oracle.real(m, MODEL.outputs[name]) for m, name in zip(maps, ("heatmap", "paf"))]


@pytest.fixture
def slot():
    slot = Slot(256, 456)
    slot.width, slot.height = 456, 256
    return slot


def test_upsampling_is_opencvs(rng):
    maps = rng.normal(size=(7, 5, 3))
    exact = cv2.resize(maps, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert np.abs(float_openpose.upsample(maps) - exact).max() < 1e-6


@pytest.mark.parametrize("level", [1, 6, 20])  # none would leave plateaus, where the last bit decides
def test_float_decode_is_the_oracles(rng, level):
    heatmap, paf = real(paint(CROWD))
    heatmap, paf = (m + rng.normal(0, level / 200, m.shape) for m in (heatmap, paf))
    exact, _ = openpose_oracle.decode(heatmap, paf)
    found = float_openpose.decode(heatmap, paf, 8)
    assert len(found) == len(exact) > 0
    assert np.allclose(found[..., 2], exact[..., 2], atol=1e-4)
    seen = found[..., 2] > 0
    assert np.array_equal(found[seen][:, :2], exact[seen][:, :2])


def test_float_decode_of_nobody_is_empty(slot):
    heatmap, paf = paint([])
    assert predict.make_decode(MODEL, "float")((paf, heatmap), slot).shape == (0, 17, 3)


def test_both_decodes_are_cocos_keypoints_in_the_same_places(slot):
    heatmap, paf = paint([standing((21.3, 31.1)), standing((250.7, 42.9), 0.8)])
    ours, theirs = (predict.make_decode(MODEL, kind)((paf, heatmap), slot) for kind in ("int", "float"))
    assert ours.shape == theirs.shape == (2, 17, 3)
    for pose in theirs:
        assert min(np.abs(pose - other)[pose[:, 2] > 0, :2].max() for other in ours) < 2
    assert min(np.abs(pose[0, :2] - (66.3, 49.1)).max() for pose in ours) < 1  # COCO's nose


def test_integer_decode_leaves_nobody_out(slot):
    heatmap, paf = paint([{k: v for k, v in standing((20, 30)).items() if k in (2, 3, 4)}])
    assert predict.make_decode(MODEL, "int")((paf, heatmap), slot).shape == (1, 17, 3)


def test_skeleton_without_cocos_keypoints_is_refused():
    from dataclasses import replace

    with pytest.raises(ConfigError, match="skeleton stick"):
        predict.make_decode(replace(MODEL, skeleton=Skeleton("stick", ("nose",), ())), "int")
