"""Lightweight OpenPose: which layers of the IR are its heads, and the whole way from the publisher's files to ours."""

from edgepose.convert import check, grids, ir, layers, lower, tflite_writer
from edgepose.errors import ModelError

STRIDE = 8
DESCRIPTION = "Lightweight OpenPose (human-pose-estimation-0001), int8, made by edgepose"

#: {layer of the IR: output of ours}
HEADS = {"Mconv7_stage2_L1": "paf", "Mconv7_stage2_L2": "heatmap"}

#: What the outputs can hold; the IR has no range for them. Vectors are at most one long, negative heat means nothing.
RANGES = {"paf": (-128 / 127, 1.0), "heatmap": (0.0, 1.0)}


def convert(xml, weights, height, width):
    """The bytes of the .tflite.

    Parameters
    ----------
    xml, weights : paths of the publisher's IR, human-pose-estimation-0001, FP16-INT8
    height, width : of the picture, px, multiples of 8

    Raises
    ------
    ModelError : the files are damaged or of another network, or the result would not mean what they mean
    """
    try:
        network = recognise(xml, weights)
        stored = grids.assign(network, RANGES)
        data = assemble(network, stored, height, width, RANGES)
        check.check(data, network, stored)
    except ModelError as error:
        raise error if str(xml) in str(error) else ModelError(f"{xml}: {error}") from error
    except (LookupError, TypeError, ValueError) as error:  # the IR's parts contradict each other
        raise ModelError(f"{xml} is not a sound OpenVINO IR: {type(error).__name__}: {error}") from error
    return data


def recognise(xml, weights):
    """The network's layers, its heads under our names."""
    network = layers.recognise(ir.read(xml, weights))
    for layer in network:
        layer.name = HEADS.get(layer.name, layer.name)
    missing = set(RANGES) - {layer.name for layer in network}
    if missing:
        raise ModelError(f"{xml} is not Lightweight OpenPose: it has no layer {' or '.join(sorted(HEADS))}")
    return network


def assemble(network, stored, height, width, outputs):
    """The bytes of a .tflite that hands out the layers of these names."""
    if height % STRIDE or width % STRIDE or min(height, width) < STRIDE:
        raise ModelError(f"input.height, input.width {height}x{width}: they must be multiples of {STRIDE}")
    operators, tensors = lower.lower(network, stored, height, width)
    found = {layer.name: tensors[layer] for layer in network}
    return tflite_writer.serialise(operators, operators[0].inputs, [found[name] for name in outputs], DESCRIPTION)
