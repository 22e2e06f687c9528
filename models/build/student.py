"""The int8 network in PyTorch, to be trained.

It computes forward what the int8 file computes, up to the
rounding of accumulators; backward, rounding counts as the identity. Trained
are the weights and biases, in units of their own integer step so that all
layers learn at a comparable pace, one scale a channel for weights, one scale
and zero point a tensor for activations.
"""

import numpy as np
import torch
from quantise import WEIGHT_LIMIT, Affine, Kernel, Scheme, round_bias
from teacher import FROM_TORCH, combine, convolve, to_torch, walk
from torch import nn

RELU6_SCALE = 6 / 255
LOWEST, HIGHEST = -128, 127


class RoundThrough(torch.autograd.Function):
    """Rounding whose gradient is the identity."""

    @staticmethod
    def forward(_context, x):
        """Nearest integers."""
        return x.round()

    @staticmethod
    def backward(_context, gradient):
        """The gradient as it comes."""
        return gradient


class RoundToStep(torch.autograd.Function):
    """Rounding to multiples of a scale within limits, all three to be learned.

    For y = scale * clamp(round(x / scale), low, high), the gradient passes to x
    inside the limits; the scale takes (y - x) / scale inside and the limit
    outside; moving the zero point moves the limits.
    """

    @staticmethod
    def forward(context, x, scale, zero_point):
        """Values on the grid of an int8 tensor."""
        low, high = LOWEST - float(zero_point.round()), HIGHEST - float(zero_point.round())
        y = (x / scale).round_().clamp_(low, high).mul_(scale)
        context.save_for_backward(x, y, scale)
        context.limits = low * float(scale), high * float(scale)
        return y

    @staticmethod
    def backward(context, gradient):
        """Gradients of x, scale and zero point."""
        x, y, scale = context.saved_tensors
        inside = torch.ops.aten.hardtanh_backward(gradient, x, *context.limits)
        to_scale = ((gradient * y).sum() - (inside * x).sum()) / scale
        return inside, to_scale, (inside.sum() - gradient.sum()) * scale


class Step(nn.Module):
    """Rounds an activation to int8; a rectifier is the lower end of its range.

    Parameters
    ----------
    start : Affine
    activation : "none", "relu" or "relu6"
    """

    def __init__(self, start, activation):
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor([start.scale]).log())
        self.zero_point = nn.Parameter(torch.tensor([float(start.zero_point)]), activation == "none")
        self.largest = RELU6_SCALE if activation == "relu6" else np.inf

    def forward(self, x):
        """The nearest values that int8 holds."""
        return RoundToStep.apply(x, self.scale(), self.zero_point)

    def scale(self):
        """The scale, float (1,)."""
        return self.log_scale.exp().clamp(max=self.largest)

    def learned(self):
        """The Affine for the file."""
        zero_point = int(np.clip(round(self.zero_point.item()), LOWEST, HIGHEST))
        return Affine(float(np.float32(self.scale().item())), zero_point)


class Conv(nn.Module):
    """A convolution of either kind with int8 weights, its sum not yet rounded.

    Parameters
    ----------
    layer : graph.Layer
    kernel : quantise.Kernel, to start from
    input_scale, output_scale : float; the bias counts in steps of the output
    """

    def __init__(self, layer, kernel, input_scale, output_scale):
        super().__init__()
        bias = kernel.bias * kernel.scale.astype(np.float64) * input_scale / output_scale
        self.steps = nn.Parameter(to_torch(kernel.values.astype(np.float32), layer.kind))
        self.log_scale = nn.Parameter(torch.from_numpy(kernel.scale).log())
        self.bias = nn.Parameter(torch.from_numpy(bias.astype(np.float32)))
        self.output_scale = output_scale
        self.layer = layer

    def forward(self, x):
        """The convolution with rounded weights."""
        weights = self.rounded() * self.log_scale.exp().reshape(-1, 1, 1, 1)
        return convolve(x, weights, self.bias * self.output_scale, self.layer)

    def rounded(self):
        """Weights as whole steps."""
        return RoundThrough.apply(self.steps.clamp(-WEIGHT_LIMIT, WEIGHT_LIMIT))

    def learned(self, input_scale):
        """The Kernel for the file."""
        values = self.rounded().detach().numpy().transpose(FROM_TORCH[self.layer.kind])
        scale = self.log_scale.detach().exp().numpy()
        bias = self.bias.detach().numpy().astype(np.float64) * self.output_scale
        return Kernel(np.ascontiguousarray(values.astype(np.int8)), scale, round_bias(bias, scale, input_scale))


class Student(nn.Module):
    """The int8 network.

    Parameters
    ----------
    graph : Graph, with quantise.shift_input done
    scheme : quantise.Scheme, to start from
    """

    def __init__(self, graph, scheme):
        super().__init__()
        self.graph = graph
        self.start = scheme
        self.key = {layer.name: f"layer{i}" for i, layer in enumerate(graph.layers)}
        self.steps, self.convs = nn.ModuleDict(), nn.ModuleDict()
        for layer in graph.layers:
            self.add_layer(layer)

    def add_layer(self, layer):
        """Make a layer's own step and convolution; a resize keeps its input's step."""
        start = self.start.activations[layer.name]
        shared = self.key[layer.inputs[0]] if layer.kind == "resize" else None
        self.steps[self.key[layer.name]] = self.steps[shared] if shared else Step(start, layer.activation)
        if layer.has_weights:
            before = self.start.activations[layer.inputs[0]]
            kernel = self.start.kernels[layer.name]
            self.convs[self.key[layer.name]] = Conv(layer, kernel, before.scale, start.scale)

    def forward(self, x):
        """{tensor: (n, channels, height, width)} of all layers, from x on the input's grid."""
        return walk(self.graph, x, self.run)

    def run(self, layer, inputs):
        """One layer, rounded."""
        key = self.key[layer.name]
        value = self.convs[key](*inputs) if layer.has_weights else combine(layer, inputs)
        return self.steps[key](value)

    def scheme(self):
        """What was learned, as a quantise.Scheme."""
        affines = {name: self.steps[key].learned() for name, key in self.key.items()}
        affines[self.graph.input] = self.start.activations[self.graph.input]
        kernels = {
            layer.name: self.convs[self.key[layer.name]].learned(affines[layer.inputs[0]].scale)
            for layer in self.graph.layers
            if layer.has_weights
        }
        return Scheme(affines, kernels)
