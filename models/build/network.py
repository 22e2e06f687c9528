"""Run a .tflite file on one thread and give its outputs as floats."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from movenet import normalise


class Network:
    """One model, loaded; outputs come by tensor name.

    Parameters
    ----------
    content : bytes of the model

    Attributes
    ----------
    size : int, side of the input in px
    """

    def __init__(self, content):
        self.interpreter = Interpreter(model_content=content, num_threads=1)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.outputs = self.interpreter.get_output_details()
        self.size = int(self.input["shape"][1])

    def run(self, pixels):
        """Every output of one picture.

        Parameters
        ----------
        pixels : uint8 (height, width, 3), in the model's channel order

        Returns
        -------
        {name: float32 (height, width, channels)}
        """
        self.invoke(pixels)
        return {output["name"]: self.value(output) for output in self.outputs}

    def invoke(self, pixels):
        """Write the picture and run."""
        if self.input["dtype"] == np.float32:
            pixels = normalise(pixels)
        self.interpreter.set_tensor(self.input["index"], pixels[None])
        self.interpreter.invoke()

    def value(self, output):
        """One output, dequantised, without the batch axis."""
        array = self.interpreter.get_tensor(output["index"])[0]
        scale, zero_point = output["quantization"]
        return (array.astype(np.float32) - zero_point) * np.float32(scale) if scale else array
