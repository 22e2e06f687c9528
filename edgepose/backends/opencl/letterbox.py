"""The letterbox of a backend that scales frames on its device."""

from edgepose.letterbox import Letterbox

PLACES = ("host", "device")


def usual_place(type):
    """Where frames are scaled unless somebody says: a GPU frees the CPU, a CPU is slower at it than `Letterbox`."""
    return "device" if type == "GPU" else "host"


class DeviceLetterbox:
    """Stands where a `Letterbox` would, and leaves the pixels to `canvas`: it keeps the camera's planes in the slot.

    Parameters
    ----------
    input : Input of the model
    """

    def __init__(self, input):
        self._host = Letterbox.of(input)

    def write(self, frame, slot, crop=None):
        """Fill `slot.frame` and `slot.fit`; parameters and errors are those of `Letterbox.write`."""
        slot.fit.copy_from(self._host.aim(frame, crop))
        slot.keep(frame)
        slot.raw = True
