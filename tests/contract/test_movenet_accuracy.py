"""The integer decode against the exact float decode of the same heads, on every picture of coco-dev."""

import numpy as np
import pytest
from PIL import Image

from edgepose import backends
from edgepose.decoders.movenet import HEADS, MovenetDecoder
from edgepose.frame import Frame
from edgepose.letterbox import Letterbox
from edgepose.native import twin_movenet
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from tests import movenet_oracle


@pytest.fixture(scope="module")
def network(movenet):
    """(frame -> slot, heads) through the real network."""
    size, backend = movenet.input, backends.create("tflite", threads=2)
    letterbox, slot = Letterbox.of(size), Slot(size.height, size.width)
    backend.open(movenet, None)

    def run(frame):
        letterbox.write(frame, slot)
        slot.describe(frame)
        backend.infer(slot)
        return slot, backend.outputs

    yield run
    backend.close()


def frames(data, step):
    for path in sorted((data / "coco-dev" / "images").glob("*.jpg"))[::step]:
        yield Frame.from_array(np.asarray(Image.open(path).convert("RGB")), "rgb24", file=path.name)


def test_decode_of_coco_dev_is_the_exact_one_within_a_sixteenth(data, network, movenet):
    decoder, poses, n = MovenetDecoder(movenet), PoseBatch(1, movenet.skeleton), 0
    outputs, step = [movenet.outputs[name] for name in HEADS], 7 if movenet.name == "movenet-thunder" else 1  # slow
    for frame in frames(data, step):
        slot, heads = network(frame)
        decoder.decode(heads, slot, poses)
        exact = movenet_oracle.decode(*movenet_oracle.real(outputs, heads[:len(HEADS)]))
        x, y = slot.fit.to_source(exact[:, 0], exact[:, 1])
        expected = np.stack([np.clip(x, 0, frame.width), np.clip(y, 0, frame.height)], axis=1)
        off_input_px = np.abs(poses.keypoints_q4[0] / 16 - expected) / (slot.fit.scale_q16 / 65536)
        assert off_input_px.max() <= 1 / 16, frame.file
        assert np.abs(poses.keypoint_scores_q16[0] / 65535 - exact[:, 2]).max() <= 1 / 255, frame.file
        n += 1
    assert n == 350 // step


def test_twin_decodes_coco_dev_to_the_same_bits(data, network, movenet):
    decoder, poses = MovenetDecoder(movenet), PoseBatch(1, movenet.skeleton)
    for frame in frames(data, 10):
        slot, heads = network(frame)
        decoder.decode(heads, slot, poses)
        keypoints, scores, box = np.zeros((17, 2), np.int32), np.zeros(17, np.uint16), np.zeros(4, np.int32)
        fit = slot.fit
        twin_movenet.movenet(heads[:len(HEADS)], decoder._tables, decoder._setup,
                             (fit.x0_q16, fit.y0_q16, fit.scale_q16), (frame.width, frame.height), keypoints, scores,
                             box)
        assert np.array_equal(keypoints, poses.keypoints_q4[0]), frame.file
        assert np.array_equal(scores, poses.keypoint_scores_q16[0]), frame.file
        assert np.array_equal(box, poses.boxes_q4[0]), frame.file
