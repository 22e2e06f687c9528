"""Maps of real pictures, for the scripts that measure the OpenPose decoder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the tests' oracle

from edgepose import backends, model
from edgepose.letterbox import Letterbox
from edgepose.ring import Slot


def add_arguments(parser):
    """Declare what makes the maps, and from what."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="laid out like the shared test data")
    parser.add_argument("--model", action="append", metavar="NAME",
                        help="may be given several times; default: lightweight-openpose")
    parser.add_argument("--backend", default="tflite", metavar="NAME", help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the network; default: 1")


def networks(options):
    """The Networks that the options ask for, one after the other."""
    for name in options.model or ["lightweight-openpose"]:
        yield Network(model.load(name), backends.create(options.backend, threads=options.threads))


class Network:
    """A model on a backend."""

    def __init__(self, found, backend):
        self.model, self.backend = found, backend
        self._letterbox, self._slot = Letterbox.of(found.input), Slot(found.input.height, found.input.width)
        backend.open(found, None)

    def infer(self, frame):
        """(slot, outputs) of a frame; both are overwritten by the next call."""
        self._letterbox.write(frame, self._slot)
        self._slot.describe(frame)
        self.backend.infer(self._slot)
        return self._slot, self.backend.outputs
