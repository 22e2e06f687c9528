"""A drawn human figure that walks and waves, and whose keypoints are known."""

import math
import re

import numpy as np

from edgepose.errors import SourceError
from edgepose.frame import Frame
from edgepose.sources.address import split_parameters
from edgepose.sources.drawing import Look, draw_backdrop, draw_figure
from edgepose.sources.figure import SOLE, TOP, keypoints_at
from edgepose.sources.source import Source

_FORM = re.compile(r"synthetic:?(?:(?P<width>\d+)x(?P<height>\d+))?(?:@(?P<fps>\d+(?:\.\d+)?))?")
#: Every setting: how it is read, what it is where it is not given, and its limits
_SETTINGS = {"width": (int, 640, 16, 4096), "height": (int, 480, 16, 4096), "fps": (float, 30.0, 0.01, 1000.0),
             "frames": (int, 300, 0, 1 << 40), "people": (int, 1, 0, 20), "noise": (float, 0.0, 0.0, 255.0),
             "seed": (int, 0, 0, 1 << 62)}
_STEPS_HZ, _DRIFT_HZ = 0.9, 0.1


class SyntheticSource(Source):
    """People drawn on a backdrop: `synthetic:640x480@30?frames=300&people=1&noise=0&seed=0`, any part may be left out.

    Parameters
    ----------
    spec : str. `frames` is how many there are (0: without end), `people` stand side by side, `noise` is the deviation
        of each level, `seed` changes clothes, backdrop and noise

    Notes
    -----
    The same spec gives the same `truth` everywhere, and the same pixels with the same Pillow and NumPy. MoveNet
    Lightning finds the figure (tests/unit/test_sources_synthetic.py).
    """

    def __init__(self, spec="synthetic:"):
        super().__init__(spec)
        self._seq = 0

    def open(self):
        """Draw the backdrop; SourceError where the spec cannot be read."""
        settings = _read_settings(self.name)
        self.width, self.height, self.fps = settings["width"], settings["height"], settings["fps"]
        self.n_frames, self.n_people = settings["frames"] or None, settings["people"]
        self._noise, self._seed = settings["noise"], settings["seed"]
        self._backdrop = draw_backdrop(self.width, self.height, self._seed)
        self._looks = [Look((self._seed, person)) for person in range(self.n_people)]
        self._seq, self.is_open = 0, True

    @property
    def body_height_px(self):
        """Height of a body from the soles to the top of the head."""
        return min(0.86 * self.height, 0.85 * self.width / max(1, self.n_people))

    def truth(self, seq):
        """Where the keypoints are in a frame.

        Returns
        -------
        float64 (people, 17, 2), source px, order of COCO-17
        """
        return np.array([self._place(person, seq / self.fps) for person in range(self.n_people)]).reshape(-1, 17, 2)

    def _place(self, person, time_s):
        lane = self.width / self.n_people
        x = lane * (person + 0.5 + 0.12 * math.sin(2 * math.pi * _DRIFT_HZ * time_s + person))
        y = self.height / 2 + self.body_height_px * (TOP - SOLE) / 2
        phase = 2 * math.pi * _STEPS_HZ * time_s + 1.7 * person
        room = 0.1 * self.body_height_px  # for the arm that waves
        return keypoints_at(phase) * self.body_height_px + (x - room, y)

    def read(self):
        """The next Frame, rgb24, or None at the end."""
        if not self.is_open or self._seq == self.n_frames:
            return None
        image = self._backdrop.copy()
        for xy, look in zip(self.truth(self._seq), self._looks):
            draw_figure(image, xy, self.body_height_px, look)
        pixels = self._roughen(np.asarray(image))
        frame = Frame.from_array(pixels, "rgb24", seq=self._seq, t_ns=round(self._seq * 1e9 / self.fps))
        self._seq += 1
        return frame

    def _roughen(self, pixels):
        if not self._noise:
            return pixels
        noise = np.random.default_rng((self._seed, self._seq)).standard_normal(pixels.shape, np.float32)
        return np.clip(pixels + self._noise * noise, 0, 255).astype(np.uint8)

    def close(self):
        """Forget the drawing; closing twice is fine."""
        self.is_open, self._backdrop = False, None


def _read_settings(spec):
    """The settings in a spec; SourceError where one is not known or out of its limits."""
    form, given = split_parameters(spec, {key: entry[0] for key, entry in _SETTINGS.items()})
    found = _FORM.fullmatch(form)
    if not found:
        raise SourceError(f"{spec}: cannot be read; it looks like synthetic:640x480@30?frames=300&people=1")
    given.update({key: _SETTINGS[key][0](text) for key, text in found.groupdict().items() if text})
    settings = {key: given.get(key, entry[1]) for key, entry in _SETTINGS.items()}
    for key, (_, _, least, most) in _SETTINGS.items():
        if not least <= settings[key] <= most:
            raise SourceError(f"{spec}: {key} is {settings[key]}; it must be {least} to {most}")
    return settings
