"""OKS average precision, as COCO's own code computes it."""

import contextlib
import io

import numpy as np

from edgepose.errors import ConfigError
from edgepose.evaluate.similarity import SIGMAS

MAX_POSES = 20  # an image, COCO's limit for keypoints
#: Our names for the summary of pycocotools that are reported, by their place in it.
SUMMARY = {"AP": 0, "AP50": 1, "AP75": 2, "APm": 3, "APl": 4, "AR": 5}


def load():
    """(COCO, COCOeval) of pycocotools; ConfigError with the way out where it is missing."""
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as error:
        raise ConfigError(f"OKS AP needs the package pycocotools, which does not load: {error};"
                          " pip install 'edgepose[eval]'") from error
    return COCO, COCOeval


def average_precision(annotations, poses):
    """{"AP", "AP50", "AP75", "APm", "APl", "AR"} by OKS; None where the pictures hold nobody of that size.

    Parameters
    ----------
    annotations : Annotations
    poses : {image id: Poses} of all images that count, also of those where nobody was found
    """
    make_coco, make_judge = load()
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools talks of its progress
        truth = _index(make_coco(), annotations, [entry for i in poses for entry in annotations.entries.get(i, ())])
        judge = make_judge(truth, _index(make_coco(), annotations, _detections(annotations, poses)), "keypoints")
        judge.params.imgIds, judge.params.maxDets = sorted(poses), [MAX_POSES]
        judge.params.kpt_oks_sigmas = SIGMAS
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return {name: None if judge.stats[i] < 0 else float(judge.stats[i]) for name, i in SUMMARY.items()}


def _index(coco, annotations, entries):
    """Fill an empty COCO; ids are given anew, since 0, a string or a double would not be matched."""
    coco.dataset = {"images": [{"id": i} for i in annotations.pictures],
                    "categories": [{"id": annotations.category_id}],
                    "annotations": [{**entry, "id": i} for i, entry in enumerate(entries, 1)]}
    coco.createIndex()
    return coco


def _detections(annotations, poses):
    return [_detection(image_id, annotations.category_id, keypoints, score)
            for image_id, found in poses.items() for keypoints, score in zip(found.keypoints, found.scores)]


def _detection(image_id, category_id, keypoints, score):
    """One pose; its area is its extent, which decides whether an unmatched one counts for APm or APl."""
    width, height = np.ptp(keypoints[:, :2], axis=0)
    return {"image_id": image_id, "category_id": category_id, "keypoints": keypoints.ravel().tolist(),
            "score": float(score), "area": float(width * height)}
