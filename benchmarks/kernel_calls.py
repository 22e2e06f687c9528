"""Records what the kernels are called with on real frames, in a file that counting/calls.c reads.

Frames of the shipped clip, scaled to camera sizes; heads and maps are what the networks make of them.
"""

import struct
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np

from edgepose import backends, decoders, model, native
from edgepose.frame import Frame
from edgepose.letterbox import Letterbox
from edgepose.pose import PoseBatch
from edgepose.ring import Slot

CLIP = Path(native.__file__).resolve().parent.parent / "clips" / "pedestrians.mp4"
N_FRAMES = 4
SOURCES = {"letterbox 1920x1080 nv12": ((1920, 1080), "nv12"),
           "letterbox 1280x720 bgr24": ((1280, 720), "bgr24"),
           "letterbox 640x480 yuyv422": ((640, 480), "yuyv422")}
CASES = (*SOURCES, "movenet", "movenet_people", "presence", "openpose")
KINDS = ("letterbox", "movenet", "movenet_people", "presence", "openpose")  # in the order of calls.c
N_WRITTEN = {"movenet": 3, "movenet_people": 4, "openpose": 4}
HEADER = struct.Struct("=4q32q16q16q")


def record(case, path):
    """Write one call of a case for each of N_FRAMES frames. Raises ModelError where the case's model is missing."""
    look = Look(case)
    with open(path, "wb") as file:
        for frame in frames(*SOURCES.get(case, ((768, 576), "bgr24"))):
            with tapped(case.split()[0]) as calls:
                look.take(frame)
            for call in calls:
                file.write(call)


def frames(size, format):
    """N_FRAMES from all over the clip."""
    with av.open(str(CLIP)) as container:
        step = container.streams.video[0].frames // N_FRAMES
        for i, picture in enumerate(container.decode(video=0)):
            if i % step == 0 and i < N_FRAMES * step:
                yield Frame.from_array(picture.reformat(*size, format=format).to_ndarray(), format)


class Look:
    """Letterbox, network and decoder of a case."""

    def __init__(self, case):
        found = model.load("lightweight-openpose" if case == "openpose" else model.DEFAULT)
        self._letterbox, self._slot = Letterbox.of(found.input), Slot(found.input.height, found.input.width)
        self._backend = backends.create("tflite")
        self._backend.open(found, None)
        self._decoder = decoders.create(found, found.skeleton.name, several=case == "movenet_people")
        self._poses = PoseBatch(self._decoder.capacity, self._decoder.skeleton)

    def take(self, frame):
        """Decode one frame."""
        self._letterbox.write(frame, self._slot)
        self._slot.describe(frame)
        self._backend.infer(self._slot)
        self._decoder.decode(self._backend.outputs, self._slot, self._poses)


@contextmanager
def tapped(kind):
    """The calls of one kernel as calls.c reads them, while they are made."""
    kernel, calls = getattr(native, kind), []

    def tap(*arguments):
        calls.append(to_bytes(kind, *split(kind, arguments)))
        return kernel(*arguments)

    setattr(native, kind, tap)
    try:
        yield calls
    finally:
        setattr(native, kind, kernel)


def split(kind, arguments):
    """(arguments that are read, those that are written); scratch is the driver's own."""
    if kind == "letterbox":
        return arguments[2:], arguments[:1]
    if kind == "presence":
        return arguments, (np.zeros(1, np.uint16),)
    n_written = N_WRITTEN[kind]
    return arguments[:-n_written - (kind == "openpose")], arguments[-n_written:]


def to_bytes(kind, read, written):
    """One call: a header, then the buffers, those that are written last."""
    leaves = list(flatten((*read, *written)))
    numbers = [int(leaf) for leaf in leaves if not is_buffer(leaf)]
    buffers = [np.asarray(memoryview(leaf)) for leaf in leaves if is_buffer(leaf)]
    header = (KINDS.index(kind), len(numbers), len(buffers), len(buffers) - len(written), *padded(numbers, 32),
              *padded([b.nbytes for b in buffers], 16), *padded([b.shape[-1] for b in buffers], 16))
    return HEADER.pack(*header) + b"".join(b.tobytes() for b in buffers)


def is_buffer(value):
    """Whether an argument is memory and no number."""
    return isinstance(value, (bytes, np.ndarray))


def flatten(value):
    """The leaves of nested tuples."""
    if not isinstance(value, (tuple, list)):
        yield value
        return
    for part in value:
        yield from flatten(part)


def padded(values, n):
    """A list made n long with zeros."""
    return values + [0] * (n - len(values))
