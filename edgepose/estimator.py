"""The short way in: one object that finds poses in pictures and in sources."""

import warnings
from functools import partial
from pathlib import Path

import numpy as np

from edgepose import backends, decoders, model, sources
from edgepose import skeleton as skeletons
from edgepose.backends import standby
from edgepose.frame import Frame
from edgepose.letterbox import letterbox_of
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.track import Options, open_pipeline, wants_tracking


class PoseEstimator:
    """Finds people's keypoints.

    Parameters
    ----------
    model_name : str, an installed model, see `edgepose models list`
    backend : "auto" or a backend's name
    threads : int, threads of the runtime
    min_score : float 0..1, score of a pose below which it is not reported; None for the model's own
    skeleton : str, whose keypoints to report: "coco17", "openpose18", "mpi15" or "body25"
    settings : `device`, `precision`, `pin_threads`, `letterbox` of a backend that takes them, see docs/backends.md

    Raises
    ------
    ModelError, ConfigError, BackendUnavailable, BackendError

    Examples
    --------
    >>> import edgepose
    >>> with edgepose.PoseEstimator("movenet-lightning") as estimator:
    ...     for poses in estimator.stream("synthetic:?frames=3"):
    ...         print(poses.n, poses.keypoints().shape)
    1 (1, 17, 3)
    1 (1, 17, 3)
    1 (1, 17, 3)
    """

    def __init__(self, model_name=model.DEFAULT, backend="auto", threads=1, min_score=None,
                 skeleton=skeletons.DEFAULT, **settings):
        self.model = model.load(model_name)
        self._decoder = decoders.create(self.model, skeleton)
        if min_score is not None:
            self._decoder.set_min_score(min_score)
        self._settings = {"threads": threads, **settings}
        self._backend = self._secure(backends.create(backend, self.model, **self._settings))
        size = self.model.input
        self._slot = Slot(size.height, size.width)
        self._poses = PoseBatch(self._decoder.capacity, self._decoder.skeleton)
        self._backend.open(self.model, None)
        self._letterbox = letterbox_of(self.model, self._backend)

    def estimate(self, picture, format="bgr24", crop=None):
        """Find the poses in one picture.

        Parameters
        ----------
        picture : Frame, path of a picture, PIL image, or uint8 array in the given format
        format : pixel format of an array; "bgr24" as OpenCV has it, "rgb24" as Pillow has it
        crop : (x, y, width, height), source px, to look at a part only

        Returns
        -------
        PoseBatch, the caller's own

        Raises
        ------
        SourceError : a path that cannot be read
        ConfigError : an array that is no picture of the format
        """
        frame = _to_frame(picture, format)
        box = None if crop is None else tuple(round(v * 16) for v in crop)
        self._letterbox.write(frame, self._slot, box)
        self._slot.describe(frame)
        self._backend.infer(self._slot)
        self._decoder.decode(self._backend.outputs, self._slot, self._poses)
        self._poses.describe(self._slot)
        return self._poses.copy()

    def stream(self, source, track=None, tracking=None, **options):
        """Iterate over the poses of every frame of a source.

        Parameters
        ----------
        source : str, anything that `edgepose run` takes
        track : bool, say who is who from frame to frame in `track_ids`; None for all sources but pictures
        tracking : dict of `max_people`, `budget_ms`, `scout`, `gate`, `smooth`, see `edgepose.track.Options`
        options : see `edgepose.open_source`

        Yields
        ------
        PoseBatch, lent until the next step; `copy()` keeps one

        Raises
        ------
        ConfigError : a value of `tracking` is out of its range, or pictures, which have no times, are to be tracked
        """
        wanted = Options(**(tracking or {}))
        with sources.open_source(str(source), **options) as opened:
            wanted = wanted if wants_tracking(track, opened) else None
            with open_pipeline(opened, self.model, self._create_like(self.model), self._decoder, wanted,
                               self._create_like) as pipeline:
                yield from pipeline

    def _create_like(self, model):
        """Another backend like ours, with one in reserve; "auto" has chosen."""
        name = self._backend.name
        return self._secure(backends.create(name, model, **backends.known_settings(name, self._settings)))

    def _secure(self, backend):
        return standby.secure(backend, self._settings, partial(warnings.warn, category=RuntimeWarning, stacklevel=5))

    def close(self):
        """Free the backend. Closing twice is fine."""
        self._backend.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        return f"<PoseEstimator {self.model.name} on {self._backend!r}>"


def _to_frame(picture, format):
    """The Frame of whatever `estimate` takes; Pillow loads only for what needs it."""
    if isinstance(picture, Frame):
        return picture
    if isinstance(picture, (str, Path)):
        from edgepose.sources.pictures import load_picture

        frame = load_picture(str(picture))
        frame.file = Path(picture).name
        return frame
    if hasattr(picture, "convert"):  # a PIL image, without importing Pillow to ask
        return Frame.from_array(np.asarray(picture.convert("RGB")), "rgb24")
    return Frame.from_array(picture, format)
