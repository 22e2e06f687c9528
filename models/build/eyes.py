"""What the runtime sees of a picture: the trunk's channel sums, through its own letterbox."""

import checkout  # noqa: F401
import numpy as np
from crops import MARGIN
from expose import CONTEXTS

from edgepose.frame import Frame
from edgepose.letterbox import Letterbox
from edgepose.ring import Slot


class Eyes:
    """From a picture to the sums of the contexts' channels, through the runtime's own letterbox."""

    def __init__(self, content):
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_content=content, num_threads=1)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]["index"]
        size = int(self.interpreter.get_input_details()[0]["shape"][1])
        self.contexts = self._find()
        self.letterbox, self.slot = Letterbox(size, size), Slot(size, size)

    def _find(self):
        """Numbers of the context tensors."""
        index = {detail["name"]: detail["index"] for detail in self.interpreter.get_output_details()}
        lacking = [name for name in CONTEXTS if name not in index]
        if lacking:
            raise SystemExit(f"the model has no output {lacking[0]}; models/build/expose.py adds it")
        return [index[name] for name in CONTEXTS]

    def look(self, image, box=None):
        """int64 (C_0 + C_1 + ...,): channel sums of a picture, or of a square around a box of it."""
        self.letterbox.write(Frame.from_array(np.ascontiguousarray(image), "bgr24"), self.slot, box and square_q4(box))
        self.interpreter.set_tensor(self.input, self.slot.tensor[None])
        self.interpreter.invoke()
        contexts = [self.interpreter.get_tensor(index)[0] for index in self.contexts]
        return np.concatenate([context.sum((0, 1), dtype=np.int64) for context in contexts])


def square_q4(box):
    """The square around a box, 1/16 px."""
    x, y, width, height = box
    side = MARGIN * max(width, height)
    return tuple(round(16 * value) for value in (x + width / 2 - side / 2, y + height / 2 - side / 2, side, side))
