"""What a `.tflite` file says, in our own words: tensors, operations, and the checks that they all need."""

from dataclasses import dataclass, field

import numpy as np

from edgepose.errors import ModelError


@dataclass(frozen=True, eq=False)
class Tensor:
    """One tensor: real = (stored - zero_point) * scale.

    Attributes
    ----------
    shape : tuple of int; NHWC where it has four
    dtype : str, "int8", "uint8" or "int32"
    scales : float32 (1,) or one a channel; empty where the file gives none
    zero_point : int
    data : array of a constant, or None
    """

    name: str
    shape: tuple
    dtype: str
    scales: np.ndarray
    zero_point: int
    data: np.ndarray | None = None

    @property
    def scale(self):
        """The one scale of an activation, float32."""
        return self.scales[0]


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation; `options` hold what its kind needs (see `reader`)."""

    kind: str
    inputs: tuple
    output: Tensor
    options: dict = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graph:
    """A network: its operations in an order in which they can run."""

    path: str
    operations: tuple
    inputs: tuple
    outputs: tuple

    def consumers(self, tensor):
        """The operations that read a tensor."""
        return [operation for operation in self.operations if any(tensor is taken for taken in operation.inputs)]


def check(graph):
    """Raise ModelError where a tensor is not of the kind that this backend runs; names file and tensor."""
    for tensor in {*graph.inputs, *graph.outputs, *(operation.output for operation in graph.operations)}:
        _check_activation(graph.path, tensor)
    for operation in graph.operations:
        if operation.kind != "QUANTIZE" and operation.inputs[0].dtype != "int8":
            raise ModelError(f"{graph.path}: {operation.kind} {operation.output.name} reads"
                             f" {operation.inputs[0].dtype}; backend opencl runs full-int8 files")
        if operation.kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            _check_filter(graph.path, operation)


def _check_activation(path, tensor):
    if len(tensor.shape) != 4 or tensor.shape[0] != 1 or min(tensor.shape) < 1:
        raise ModelError(f"{path}: tensor {tensor.name} has shape {list(tensor.shape)};"
                         " backend opencl runs fixed shapes of four dimensions, batch 1")
    if tensor.dtype not in ("int8", "uint8"):
        raise ModelError(f"{path}: tensor {tensor.name} is {tensor.dtype}; backend opencl runs full-int8 files")
    if len(tensor.scales) != 1 or not np.isfinite(tensor.scale) or tensor.scale <= 0:
        raise ModelError(f"{path}: tensor {tensor.name} has no quantisation of its own;"
                         " backend opencl runs full-int8 files")


def _check_filter(path, operation):
    """A filter is constant int8 with symmetric scales, one or one a channel; a bias is constant int32 with as many.

    Where a bias has no scales, TFLite leaves XNNPACK for kernels that round otherwise.
    """
    _, weights, *biases = operation.inputs
    n = operation.output.shape[3]
    if weights.data is None or weights.dtype != "int8" or len(weights.scales) not in (1, n) or weights.zero_point:
        raise ModelError(f"{path}: filter {weights.name} is {weights.dtype} with {len(weights.scales)} scales;"
                         f" {operation.kind} takes constant, symmetric int8 with 1 or {n}")
    if weights.data.min() < -127:
        raise ModelError(f"{path}: filter {weights.name} holds -128, which an int8 filter may not")
    for bias in biases:
        if bias.data is None or bias.dtype != "int32" or bias.shape != (n,) or len(bias.scales) not in (1, n):
            raise ModelError(f"{path}: bias {bias.name} is {bias.dtype} {list(bias.shape)} with {len(bias.scales)}"
                             f" scales; {operation.kind} takes constant int32 [{n}] with 1 or {n}")
