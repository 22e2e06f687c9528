"""A model's poses of annotated pictures, through the letterbox, backend and decoder that `edgepose run` uses."""

import os
from dataclasses import dataclass

import numpy as np

from edgepose import decoders
from edgepose.errors import ConfigError, SourceError
from edgepose.evaluate.annotations import Annotations
from edgepose.evaluate.float_movenet import FloatMovenet
from edgepose.evaluate.float_openpose import FloatOpenpose
from edgepose.evaluate.poses import Poses
from edgepose.evaluate.protocols import region_q4
from edgepose.letterbox import letterbox_of
from edgepose.pose import Q4, SCORE_ONE, PoseBatch
from edgepose.ring import Slot
from edgepose.skeleton import COCO17, sources
from edgepose.sources.pictures import load_picture

#: Float decodes of quantised heads, by the decoder that a manifest names: its author's, exact.
FLOAT_DECODERS = {"movenet": FloatMovenet, "openpose": FloatOpenpose}


@dataclass(frozen=True)
class Task:
    """What is to be looked at."""

    annotations: Annotations
    pictures: list
    protocol: str
    folder: str


class IntegerDecode:
    """The model's own decoder, told to leave nobody out; float64 (P, 17, 3) as the metrics take it."""

    def __init__(self, model):
        self._decoder = decoders.create(model, COCO17.name)
        self._decoder.set_min_score(0)  # average precision ranks: a low score costs nothing before its turn
        self._poses = PoseBatch(self._decoder.capacity, self._decoder.skeleton)

    def __call__(self, outputs, slot):
        poses = self._poses
        self._decoder.decode(outputs, slot, poses)
        xy, scores = poses.keypoints_q4[:poses.n] / Q4, poses.keypoint_scores_q16[:poses.n] / SCORE_ONE
        return np.concatenate([xy, scores[..., None]], axis=2)


def make_decode(model, kind):
    """A callable (outputs, slot) -> float64 (P, 17, 3), source px and score; `kind` is "int" or "float".

    Raises
    ------
    ConfigError : the model lacks some of COCO's keypoints, or its decoder no float form
    """
    if None in sources(model.skeleton, COCO17):
        raise ConfigError(f"model {model.name} has skeleton {model.skeleton.name}; edgepose eval takes those that have"
                          f" the keypoints of {COCO17.name}")
    if kind == "int":
        return IntegerDecode(model)
    if model.decoder not in FLOAT_DECODERS:
        raise ConfigError(f"--decoder float: decoder {model.decoder} of model {model.name} has no float form;"
                          f" {', '.join(FLOAT_DECODERS)} has")
    decoders.create(model)  # checks the manifest's heads
    return FLOAT_DECODERS[model.decoder](model)


class Predictor:
    """Finds the poses of one picture after another.

    Parameters
    ----------
    model : Model
    backend : Backend, not open yet
    decode : callable (outputs, slot) -> float64 (P, 17, 3), source px and score

    Raises
    ------
    ModelError, BackendError
    """

    def __init__(self, model, backend, decode):
        size = model.input
        self._slot = Slot(size.height, size.width)
        self.model, self.backend, self._decode = model, backend, decode
        backend.open(model, None)
        self._letterbox = letterbox_of(model, backend)

    def find(self, picture, folder, region_q4=None, seq=0):
        """The Poses in one picture.

        Parameters
        ----------
        picture : Picture
        folder : str, where its file is
        region_q4 : the part to look at, 1/16 source px, or None for all of it
        seq : int, the picture's number, for backends that replay

        Raises
        ------
        SourceError : the file is broken, or not of the size that was annotated
        """
        frame = load(picture, folder)
        frame.seq = seq
        self._letterbox.write(frame, self._slot, region_q4)
        self._slot.describe(frame)
        self.backend.infer(self._slot)
        return Poses.of(self._decode(self.backend.outputs, self._slot))

    def close(self):
        """Free the backend. Closing twice is fine."""
        self.backend.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def load(picture, folder):
    """The Frame of an annotated Picture; SourceError where it is broken or its size is not the annotated one."""
    path = os.path.join(folder, picture.file)
    frame = load_picture(path)
    frame.file = picture.file
    annotated, found = (picture.width, picture.height), (frame.width, frame.height)
    if None not in annotated and annotated != found:
        raise SourceError("{}: the picture is {}x{} px, its annotations are for {}x{}".format(path, *found, *annotated))
    return frame


def describe(predictor, decoder, protocol, annotations):
    """What a predictor's poses depend on, as plain strings: for the report and for files of kept poses."""
    model, backend = predictor.model, predictor.backend
    files = sorted(model.files, key=lambda file: file.format != backend.format)
    return {"model": model.name, "sha256": files[0].sha256, "backend": backend.name, "package": backend.package,
            "decoder": decoder, "protocol": protocol, "annotations": annotations.sha256}


def find_all(predictor, task, kept, bar):
    """The poses of all pictures of a task, those that were kept before included.

    Parameters
    ----------
    predictor : Predictor
    task : Task
    kept : KeptPoses or NothingKept; every picture is added as soon as it is done
    bar : from `cli.progress`; gets a line for each broken picture, which is left out

    Returns
    -------
    {image id: Poses}
    """
    poses = {}
    for seq, picture in enumerate(task.pictures):
        if picture.id in kept.poses:
            poses[picture.id] = kept.poses[picture.id]
            continue
        try:
            region = region_q4(task.annotations, task.protocol, picture)
            poses[picture.id] = predictor.find(picture, task.folder, region, seq)
            kept.add(picture, poses[picture.id])
        except SourceError as error:
            bar.write(f"edgepose: skipped {error}")
        bar.update()
    return poses
