"""What a layer of the IR means, in float64, and what TensorFlow Lite makes of ours: for comparing them one by one."""

import numpy as np

from edgepose.convert import lower, tflite_writer


def tensors(network, stored, picture):
    """{layer: int8 (height, width, channels)}: what LiteRT computes for a picture, every layer handed out."""
    from ai_edge_litert.interpreter import Interpreter

    operators, made = lower.lower(network, stored, *picture.shape[:2])
    inner = [layer for layer in network if layer.kind != "input"]
    data = tflite_writer.serialise(operators, operators[0].inputs, [made[layer] for layer in inner], "every layer")
    interpreter = Interpreter(model_content=data, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[None])
    interpreter.invoke()
    found = {entry["name"]: interpreter.get_tensor(entry["index"])[0] for entry in interpreter.get_output_details()}
    pixels = {layer: (picture.astype(int) - 128).astype(np.int8) for layer in network if layer.kind == "input"}
    return pixels | {layer: found[layer.name] for layer in inner}


def real(grid, values):
    """What stored values are worth."""
    return (values.astype(np.float64) - grid.zero) * grid.step


def steps_away(grid, values, wanted):
    """How far stored values are from real ones, in steps, where the real ones are cut to what can be stored."""
    low, high = ((end - grid.zero) * grid.step for end in (-128, 127))
    return np.abs(real(grid, values) - np.clip(wanted, low, high)) / grid.step


def compute(layer, inputs):
    """The real result of a layer of real inputs, (height, width, channels) float64."""
    if layer.kind == "elu":
        return np.where(inputs[0] > 0, inputs[0], np.expm1(np.minimum(inputs[0], 0)))
    if layer.kind == "concat":
        return np.concatenate(inputs, axis=2)
    found = sum(inputs) if layer.kind == "add" else convolve(layer, inputs[0])
    return np.maximum(found, 0) if layer.relu else found


def convolve(layer, values):
    """A convolution with its bias, tap by tap."""
    kernel = layer.kernel
    weights = kernel.values * kernel.scale[:, None, None, None]
    padded = np.pad(values, ((kernel.pad, kernel.pad), (kernel.pad, kernel.pad), (0, 0)))
    n_rows, n_columns = (n // kernel.stride for n in values.shape[:2])
    found = np.zeros((n_rows, n_columns, len(weights))) + kernel.bias
    for row, column in np.ndindex(weights.shape[2:]):
        top, left = row * kernel.dilation, column * kernel.dilation
        seen = padded[top:, left:][::kernel.stride, ::kernel.stride][:n_rows, :n_columns]
        tap = weights[:, :, row, column]
        found += seen * tap[:, 0] if layer.kind == "depthwise" else seen @ tap.T
    return found
