"""Pictures of the worst answers: ground truth beside prediction."""

import os

import numpy as np
from PIL import Image

from edgepose.evaluate.predict import load
from edgepose.evaluate.protocols import region_q4
from edgepose.letterbox import Letterbox
from edgepose.pose import Q4, PoseBatch, score_to_q16
from edgepose.ring import Slot
from edgepose.sinks.drawing import Painter
from edgepose.sinks.picture_file import save
from edgepose.skeleton import COCO17

PANEL_PX = 720  # longer side of each half
_GAP_PX = 8
_MIN_SCORE = 0.2  # keypoints below are not drawn


def order(judged):
    """Image ids, the lowest mean OKS of their people first; images without people are left out.

    Parameters
    ----------
    judged : {image id: Judged}
    """
    with_people = [image_id for image_id, one in judged.items() if one.entries]
    return sorted(with_people, key=lambda image_id: (judged[image_id].oks.mean(), image_id))


class WorstPictures:
    """Draws annotated pictures, ground truth on the left, prediction on the right.

    Parameters
    ----------
    folder : str, existing; gets a PNG a picture, the worst first by name
    task : Task

    Notes
    -----
    A person and the pose that answers it have the same number. A person's label is its OKS, a pose's label its score.
    """

    def __init__(self, folder, task):
        self._folder, self._task = folder, task
        self._painter = Painter(COCO17, _MIN_SCORE)

    def draw(self, rank, picture, poses, judged):
        """Draw one picture; returns its path. SourceError where it cannot be read, SinkError where not written."""
        slot = self._view(picture)
        oks = f"{judged.oks.mean():.2f}"
        truth = _batch(_truth(judged), judged.oks, range(1, len(judged.entries) + 1), slot)
        found = _batch(poses.keypoints, poses.scores, _numbers(judged, len(poses)), slot)
        left = self._painter.draw(slot.tensor, truth, f"ground truth: OKS (mean {oks})")
        right = self._painter.draw(slot.tensor, found, "prediction: score")
        stem = os.path.splitext(os.path.basename(picture.file))[0]
        path = os.path.join(self._folder, f"{rank:03}-oks{oks}-{stem}.png")
        save(_beside(left, right), path)
        return path

    def _view(self, picture):
        """A Slot that holds what the network saw, larger, in RGB."""
        frame = load(picture, self._task.folder)
        region = region_q4(self._task.annotations, self._task.protocol, picture)
        width, height = region[2:] if region else (frame.width, frame.height)
        zoom = PANEL_PX / max(width, height)
        slot = Slot(max(1, round(height * zoom)), max(1, round(width * zoom)))
        Letterbox(*slot.tensor.shape[:2], channels="rgb", pad=32).write(frame, slot, region)
        return slot


def _truth(judged):
    """Ground truth as poses: labelled keypoints score 1, others 0."""
    keypoints = np.array([entry["keypoints"] for entry in judged.entries], float).reshape(-1, 17, 3)
    keypoints[..., 2] = keypoints[..., 2] > 0
    return keypoints


def _numbers(judged, n_poses):
    """The person, from 1, that each pose answers; -1 where it answers nobody."""
    numbers = np.full(n_poses, -1)
    hit = judged.answers >= 0
    numbers[judged.answers[hit]] = np.flatnonzero(hit) + 1
    return numbers


def _batch(keypoints, scores, numbers, slot):
    """A PoseBatch in px of a slot's picture, from float poses in source px."""
    poses, fit = PoseBatch(max(1, len(keypoints)), COCO17), slot.fit
    poses.n = len(keypoints)
    if poses.n:
        corner, scale = np.array([fit.x0_q16, fit.y0_q16]) / 65536, fit.scale_q16 / 65536
        poses.keypoints_q4[:] = np.rint((keypoints[..., :2] - corner) / scale * Q4).clip(-1 << 20, 1 << 20)
        poses.keypoint_scores_q16[:] = score_to_q16(1) * keypoints[..., 2].clip(0, 1)
        poses.scores_q16[:] = score_to_q16(1) * np.clip(scores, 0, 1)
        poses.track_ids[:] = numbers
    return poses


def _beside(left, right):
    both = Image.new("RGB", (left.width + _GAP_PX + right.width, left.height), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width + _GAP_PX, 0))
    return both
