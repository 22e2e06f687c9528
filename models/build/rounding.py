"""Round weights layer by layer so that each layer's output stays, not each weight.

In running order, every convolution is given the inputs that it will see as
int8 and asked for the outputs that it has as float. Least squares moves its
weights to what suits those inputs; then the weights are rounded one input
after the other, and what rounding took is made up for by the inputs that are
not rounded yet (optimal brain surgery on the layer's own square error). The
bias takes the rest.
"""

import numpy as np
import torch
from quantise import WEIGHT_LIMIT, Kernel, Scheme, along_channel, round_bias, starting_affines, weight_scale
from teacher import LIMITS, combine, convolve, on_grid, to_torch, torch_weights, zeros_around

SAMPLES = 24000
DAMPING = 0.02
CROPS = 48


def fitted(graph, ranges, crops, seed=0, only_biases=False):
    """A quantise.Scheme with weights and biases fitted to crops.

    Parameters
    ----------
    graph : Graph, with quantise.shift_input done
    ranges : {tensor: (low, high)}
    crops : uint8 (n, height, width, 3), evenly picked from
    only_biases : round weights to the nearest, and let only the biases follow
    """
    torch.set_num_threads(1)
    picked = np.stack(crops)[:: max(len(crops) // CROPS, 1)][:CROPS]
    return Fitter(graph, ranges, seed, only_biases).fit(on_grid(picked))


class Fitter:
    """Runs the float and the int8 network side by side, fitting as it goes."""

    def __init__(self, graph, ranges, seed, only_biases):
        self.graph = graph
        self.scheme = Scheme(starting_affines(graph, ranges), {})
        self.rng = np.random.default_rng(seed)
        self.round_weights = to_nearest if only_biases else round_to_fit

    @torch.no_grad()
    def fit(self, x):
        """The Scheme; x is float (n, 3, height, width) on the input's grid."""
        floats, int8 = {self.graph.input: x}, {self.graph.input: x}
        for layer in self.graph.layers:
            run = self.fit_conv if layer.has_weights else self.run_plain
            found = run(layer, *([side[name] for name in layer.inputs] for side in (floats, int8)))
            floats[layer.name] = LIMITS[layer.activation](found[0])
            int8[layer.name] = rounded(found[1], self.scheme.activations[layer.name])
        return self.scheme

    def run_plain(self, layer, floats, int8):
        """A layer without weights, both ways."""
        return combine(layer, floats), combine(layer, int8)

    def fit_conv(self, layer, floats, int8):
        """A convolution both ways, after choosing its int8 weights."""
        wanted = convolve(*floats, torch_weights(layer), torch.from_numpy(layer.bias), layer)
        rows, columns = self.places(wanted)
        inputs = patches(int8[0], layer, rows, columns)
        outputs = wanted[:, :, rows, columns].permute(0, 2, 1).flatten(0, 1).double().numpy()
        values, scale, bias = fit_layer(layer, inputs, outputs, self.round_weights)
        kernel = Kernel(values, scale, round_bias(bias, scale, self.scheme.activations[layer.inputs[0]].scale))
        self.scheme.kernels[layer.name] = kernel
        return wanted, convolve(*int8, dequantised(layer, kernel), torch.from_numpy(bias.astype(np.float32)), layer)

    def places(self, tensor):
        """Rows and columns to sample, the same ones in each crop."""
        count = min(-(-SAMPLES // len(tensor)), tensor.shape[2] * tensor.shape[3])
        picked = self.rng.choice(tensor.shape[2] * tensor.shape[3], count, replace=False)
        return np.divmod(picked, tensor.shape[3])


def rounded(x, affine):
    """The nearest values that an int8 tensor holds."""
    low, high = -128 - affine.zero_point, 127 - affine.zero_point
    return (x / affine.scale).round_().clamp_(low, high).mul_(affine.scale)


def patches(x, layer, rows, columns):
    """What a convolution reads for some of its outputs: float (samples, taps, channels)."""
    (top, bottom), (left, right) = zeros_around(x, layer)
    x = torch.nn.functional.pad(x, (left, right, top, bottom))
    taps = np.ndindex(*layer.weights.shape[1:3])
    corners = [np.multiply((i, j), layer.dilation) for i, j in taps]
    read = [x[:, :, rows * layer.stride + i, columns * layer.stride + j] for i, j in corners]
    return torch.stack(read, 3).permute(0, 2, 3, 1).flatten(0, 1).double().numpy()


def fit_layer(layer, inputs, outputs, round_weights):
    """int8 weights in the graph's layout, their scales, and the float bias."""
    scale = weight_scale(layer)
    x, y, weights = as_problems(layer, inputs, outputs)
    steps = scale.astype(np.float64).reshape(len(weights), -1, 1)
    mean_x, mean_y = x.mean(1, keepdims=True), y.mean(1, keepdims=True)
    values = round_weights(x - mean_x, y - mean_y, weights, steps)
    bias = (mean_y - mean_x @ (values * steps).transpose(0, 2, 1)).ravel()
    return as_kernel(layer, values), scale, bias


def as_problems(layer, inputs, outputs):
    """Independent least-squares problems: one for a dense layer, one a channel for a depthwise one.

    Returns
    -------
    x (problems, samples, inputs), y (problems, samples, outputs), weights (problems, outputs, inputs)
    """
    if layer.kind == "conv":
        flat = layer.weights.reshape(1, len(layer.weights), -1).astype(np.float64)
        return inputs.reshape(1, len(inputs), -1), outputs[None], flat
    weights = layer.weights.reshape(-1, layer.weights.shape[3]).T[:, None]
    return inputs.transpose(2, 0, 1), outputs.T[:, :, None], weights.astype(np.float64)


def as_kernel(layer, values):
    """Back to the graph's layout, int8."""
    if layer.kind == "depthwise":
        values = values[:, 0].T
    return np.ascontiguousarray(values.reshape(layer.weights.shape).astype(np.int8))


def to_nearest(_x, _y, weights, steps):
    """Whole steps, each weight for itself."""
    return np.clip(np.round(weights / steps), -WEIGHT_LIMIT, WEIGHT_LIMIT)


def round_to_fit(x, y, weights, steps):
    """Whole steps that keep the outputs."""
    return round_in_turn(*least_squares(x, y, weights), steps)


def least_squares(x, y, weights):
    """Weights that suit the inputs best, drawn to those given; and the inputs' power."""
    power = x.transpose(0, 2, 1) @ x
    extent = np.trace(power, axis1=1, axis2=2)[:, None, None] / power.shape[1]
    power += DAMPING * (extent + 1e-12) * np.eye(power.shape[1])
    missed = x.transpose(0, 2, 1) @ (y - x @ weights.transpose(0, 2, 1))
    return weights + np.linalg.solve(power, missed).transpose(0, 2, 1), power


def round_in_turn(weights, power, steps):
    """Whole steps, each input's rounding made up for by the inputs after it."""
    left = weights.copy()
    spread = np.linalg.cholesky(np.linalg.inv(power)).transpose(0, 2, 1)
    values = np.empty_like(left)
    for i in range(left.shape[2]):
        values[:, :, i] = np.clip(np.round(left[:, :, i] / steps[:, :, 0]), -WEIGHT_LIMIT, WEIGHT_LIMIT)
        error = (left[:, :, i] - values[:, :, i] * steps[:, :, 0]) / spread[:, i, i][:, None]
        left[:, :, i:] -= error[:, :, None] * spread[:, None, i, i:]
    return values


def dequantised(layer, kernel):
    """A kernel's weights as PyTorch multiplies them."""
    return to_torch(kernel.values * along_channel(layer, kernel.scale), layer.kind)
