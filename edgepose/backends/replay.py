"""Replays recorded outputs of real frames: a backend without a runtime, for tests and for trying sinks."""

from pathlib import Path

import numpy as np

from edgepose.errors import ConfigError, ModelError

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"


class ReplayBackend:
    """Answers frame `seq` with the recorded outputs number `seq` modulo their count, whatever the pixels.

    Parameters
    ----------
    recording : path of an .npz made by `benchmarks/record.py`, or None for the one that ships with the model
    threads : int, taken for likeness with other backends and not used

    Attributes
    ----------
    outputs : int8 arrays in the order of the manifest's outputs, the same arrays for ever
    """

    name, package, format = "replay", "recorded outputs", "tflite"
    recorded = True  # of whole frames, whatever part of one is in the slot

    def __init__(self, recording=None, threads=1):
        self._path, self.threads = recording, threads
        self._frames, self.outputs = None, ()

    def open(self, model, ring):
        """Load the recording; ModelError when it does not fit the model."""
        path = Path(self._path or RECORDINGS / f"{model.name}.npz")
        if not path.is_file():
            raise ConfigError(f"recording {path} is missing; make one with benchmarks/record.py")
        with np.load(path, allow_pickle=False) as recording:
            self._frames = [_check(path, recording, name, output) for name, output in model.outputs.items()]
        self.outputs = tuple(np.zeros(output.shape, np.int8) for output in model.outputs.values())

    @property
    def n_frames(self):
        """Frames in the recording."""
        return len(self._frames[0])

    def infer(self, slot):
        """Fill `outputs` with the recorded frame of this slot's `seq`."""
        for output, frames in zip(self.outputs, self._frames):
            np.copyto(output, frames[slot.seq % len(frames)])

    def close(self):
        """Free the recording. Closing twice is fine."""
        self._frames = None

    def __repr__(self):
        return f"<ReplayBackend {'open' if self._frames else 'closed'}>"


def _check(path, recording, name, output):
    """The recorded frames of one head, if shape and quantisation are the manifest's."""
    if name not in recording or f"{name}.quantisation" not in recording:
        raise ModelError(f"{path}: no recording of output {name!r}")
    frames, quantisation = recording[name], recording[f"{name}.quantisation"]
    if frames.dtype != np.int8 or frames.shape[1:] != output.shape or not len(frames):
        raise ModelError(f"{path}: {name} is {frames.dtype} {frames.shape}; the model has int8 {output.shape}")
    if tuple(quantisation) != (output.scale, output.zero_point):
        raise ModelError(f"{path}: {name} was recorded with another quantisation; record it again")
    return frames
