"""Fits a frame, or a crop of it, into a model's input, and maps coordinates back."""

import numpy as np

from edgepose import native
from edgepose.errors import ConfigError
from edgepose.frame import COLOURS

MAX_SCALE = 128  # source px per input px; sums of that many rows still fit 16 bits
_KINDS = {"bgr24": 0, "rgb24": 0, "gray8": 1, "yuyv422": 2, "nv12": 3, "yuv420p": 4}
_NO_PLANE = b""


class Fit:
    """Where a model's input lies in its source picture: source = (x0, y0) + scale * input.

    Attributes
    ----------
    x0_q16, y0_q16 : int, source px of the input's top-left corner, Q16.16
    scale_q16 : int, source px per input px, Q16.16
    inside : (col0, col1, row0, row1), input px that the picture covers; padding elsewhere
    """

    __slots__ = ("inside", "scale_q16", "x0_q16", "y0_q16")

    def __init__(self, x0_q16=0, y0_q16=0, scale_q16=1 << 16, inside=(0, 0, 0, 0)):
        self.x0_q16, self.y0_q16, self.scale_q16, self.inside = x0_q16, y0_q16, scale_q16, inside

    def copy_from(self, other):
        """Become equal to another fit."""
        self.x0_q16, self.y0_q16, self.scale_q16 = other.x0_q16, other.y0_q16, other.scale_q16
        self.inside = other.inside

    def to_source(self, x, y):
        """Map input px to source px, both floats; for people and tests, the decoders use integers."""
        return (self.x0_q16 / 65536 + x * self.scale_q16 / 65536, self.y0_q16 / 65536 + y * self.scale_q16 / 65536)

    def __repr__(self):
        return (f"<Fit at ({self.x0_q16 / 65536:.2f}, {self.y0_q16 / 65536:.2f})"
                f" scale {self.scale_q16 / 65536:.4f} inside {self.inside}>")


class Letterbox:
    """Writes frames into slots: scaled, converted and padded in one pass, straight from the camera's planes.

    Parameters
    ----------
    height, width : int, px, of the model's input
    channels : "bgr" or "rgb", order that the model takes
    pad : int, level 0..255 where the picture does not reach

    Notes
    -----
    Area averaging when shrinking, bilinear when growing; at most one level from the exact average
    (tests/unit/test_letterbox.py). Around a crop the picture shows on as far as it reaches.
    """

    def __init__(self, height, width, channels="bgr", pad=0):
        if channels not in ("bgr", "rgb"):
            raise ConfigError(f"channels {channels!r}: a model takes 'bgr' or 'rgb'")
        self.height, self.width, self.channels, self.pad = height, width, channels, pad
        self._fit, self._seen = Fit(), None
        self._scratch = np.empty(1, np.uint8)

    @classmethod
    def of(cls, input):
        """The letterbox that fills a model's `Input`."""
        return cls(input.height, input.width, input.channels, input.pad)

    def write(self, frame, slot, crop=None):
        """Fill `slot.tensor` and `slot.fit` from a frame.

        Parameters
        ----------
        frame : Frame, read during the call only
        slot : Slot, written
        crop : (x, y, width, height) int, 1/16 source px, or None for the whole frame

        Raises
        ------
        ConfigError : the crop is empty, or shrinks more than 128 times
        """
        slot.fit.copy_from(self.aim(frame, crop))
        self.fill(frame, slot)

    def aim(self, frame, crop=None):
        """The Fit of a frame, or of a crop of it; the same object while both stay the same. Raises as `write` does."""
        seen = (frame.width, frame.height, crop)
        if seen != self._seen:
            box = crop or (0, 0, frame.width << 4, frame.height << 4)
            self._fit = fit_box(box, (frame.width, frame.height), (self.width, self.height))
            self._seen = seen
        return self._fit

    def fill(self, frame, slot):
        """Fill `slot.tensor` from a frame where `slot.fit` says, which was found for a frame of this size."""
        self._make_room(frame.width)
        self._paint_padding(slot)
        slot.raw = False
        fit, planes, lines = slot.fit, frame.planes, frame.line_sizes
        if len(planes) < 3:
            planes = (planes + (_NO_PLANE, _NO_PLANE))[:3]
            lines = (lines + (0, 0))[:3]
        native.letterbox(slot.tensor, self._scratch, planes, lines, _KINDS[frame.format], frame.width, frame.height,
                         COLOURS[frame.colour], (frame.format == "rgb24") != (self.channels == "rgb"),
                         (fit.x0_q16, fit.y0_q16, fit.scale_q16), self.width, self.height, fit.inside)

    def _make_room(self, frame_width):
        n_bytes = native.letterbox_scratch_bytes(frame_width, self.width, self.height)
        if self._scratch.nbytes < n_bytes:
            self._scratch = np.empty(n_bytes, np.uint8)

    def _paint_padding(self, slot):
        """Padding is painted when the covered part of a slot changes, not for every frame."""
        if slot.painted != slot.fit.inside:
            slot.tensor.fill(self.pad)
            slot.painted = slot.fit.inside


def letterbox_of(model, backend):
    """What fills slots for a Model's open backend: the backend's own `letterbox` where it has one, else a Letterbox."""
    return getattr(backend, "letterbox", None) or Letterbox.of(model.input)


def fit_box(box, frame_size, input_size):
    """The fit that shows a whole box, centred, its edges on input px.

    Parameters
    ----------
    box : (x, y, width, height) int, 1/16 source px; may reach outside the frame
    frame_size, input_size : (width, height) int, px
    """
    x, y, width, height = (int(v) << 12 for v in box)
    if width <= 0 or height <= 0:
        raise ConfigError(f"crop {tuple(box)} is empty: width and height must be positive, in 1/16 px")
    scale = max(-(-width // input_size[0]), -(-height // input_size[1]))
    if scale > MAX_SCALE << 16:
        raise ConfigError(f"a picture {scale / 65536:.0f} times the model's input; at most {MAX_SCALE} times fits")
    x0 = x - (input_size[0] - -(-width // scale)) // 2 * scale
    y0 = y - (input_size[1] - -(-height // scale)) // 2 * scale
    inside = _covered(x0, scale, frame_size[0], input_size[0]) + _covered(y0, scale, frame_size[1], input_size[1])
    return Fit(x0, y0, scale, inside)


def _covered(origin, scale, n_source, n_input):
    """Input px (first, past the last) that overlap 0..n_source by at least 1/256 px."""
    first = -(-(256 - origin) // scale) - 1
    past = -(-((n_source << 16) - origin) // scale)
    first = min(max(first, 0), n_input)
    return first, min(max(past, first), n_input)
