"""The options of each operation that the OpenCL backend runs, and the refusal of those that it does not."""

#: Scale of an added value over the sum's: beyond, TFLite leaves XNNPACK for kernels that round otherwise.
ADD_RATIOS = (2.0 ** -10, 2.0 ** 8)
_ACTIVATIONS = {0: "none", 1: "relu", 2: "relu_n1_to_1", 3: "relu6"}


class Unfit(Exception):
    """An option that this backend does not run."""


def _activation(options):
    code = options.FusedActivationFunction()
    if code not in _ACTIVATIONS:
        raise Unfit(f"fused activation {code} is not known to backend opencl")
    return _ACTIVATIONS[code]


def _convolution(options, inputs, output):
    return {"stride": (options.StrideH(), options.StrideW()), "activation": _activation(options),
            "dilation": (options.DilationHFactor(), options.DilationWFactor()), "same": options.Padding() == 0}


def _dense(options, inputs, output):
    if inputs[1].shape[3] != inputs[0].shape[3]:
        raise Unfit("grouped convolutions are not known to backend opencl")
    return _convolution(options, inputs, output)


def _depthwise(options, inputs, output):
    if inputs[1].shape[3] != inputs[0].shape[3]:
        raise Unfit("a depth multiplier other than 1 is not known to backend opencl")
    return _convolution(options, inputs, output)


def _add(options, inputs, output):
    if len(inputs) != 2 or inputs[0].shape != inputs[1].shape or any(x.data is not None for x in inputs):
        raise Unfit("an addition of unlike shapes or of a constant is not known to backend opencl")
    ratios = [float(x.scale / output.scale) for x in inputs]
    if not all(ADD_RATIOS[0] <= ratio < ADD_RATIOS[1] for ratio in ratios):
        raise Unfit("an addition of values whose scales are so far apart is not known to backend opencl")
    return {"activation": _activation(options)}


def _concatenation(options, inputs, output):
    if options.Axis() % 4 != 3 or _activation(options) != "none":
        raise Unfit("backend opencl concatenates channels only, without an activation")
    if len({(x.scale, x.zero_point) for x in inputs}) > 1:
        raise Unfit("parts of a concatenation with different quantisations are not known to backend opencl")
    return {}


def _pad(options, inputs, output):
    sides = inputs[1].data
    if sides is None or sides.shape != (4, 2) or sides[[0, 3]].any() or sides.min() < 0:
        raise Unfit("backend opencl pads height and width only, by constants")
    return {"sides": tuple(int(side) for side in sides[1:3].ravel())}  # top, bottom, left, right


def _resize(options, inputs, output):
    return {"align_corners": bool(options.AlignCorners()), "half_pixel": bool(options.HalfPixelCenters())}


def _quantise(options, inputs, output):
    if inputs[0].scales.tolist() != output.scales.tolist():
        raise Unfit("backend opencl changes the zero point of a value, not its scale")
    return {}


def _nothing(options, inputs, output):
    return {}


#: The operations that this backend runs, each with (options, inputs, output) -> dict, or Unfit.
OPTIONS = {"CONV_2D": _dense, "DEPTHWISE_CONV_2D": _depthwise, "ADD": _add, "RESIZE_BILINEAR": _resize,
           "CONCATENATION": _concatenation, "PAD": _pad, "QUANTIZE": _quantise, "ELU": _nothing, "LOGISTIC": _nothing}
