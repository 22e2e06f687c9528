"""Runs a plan on a device: everything is enqueued without a wait, and the outputs are read back once."""

import time

import numpy as np

from edgepose.backends.opencl import constants, lower
from edgepose.backends.opencl.canvas import Canvas
from edgepose.backends.opencl.programs import Programs
from edgepose.backends.signals import own_signals
from edgepose.errors import BackendError


def load(device, plan, shapes, profiling=False):
    """The Executor of a plan on a device of pyopencl; `profile` works where it is asked for. BackendError, cl.Error."""
    return on(prepare(device, profiling), plan, shapes)


def on(prepared, plan, shapes):
    """The Executor of a plan on a device that was prepared. BackendError, cl.Error."""
    cl, queue, programs = prepared
    return Executor(cl, queue, plan, programs, shapes)


def prepare(device, profiling=False):
    """(pyopencl, queue, Programs) of a device, what Executors on it share."""
    import pyopencl

    context = pyopencl.Context([device])
    properties = pyopencl.command_queue_properties.PROFILING_ENABLE if profiling else 0
    # The device is named once more, because a context may name the whole one where it got a part of it.
    queue = pyopencl.CommandQueue(context, device, properties)
    return pyopencl, queue, Programs(pyopencl, context)


class Executor:
    """A plan on a device, with all its memory.

    Parameters
    ----------
    cl : the module pyopencl
    queue : in-order cl.CommandQueue
    plan : Plan
    programs : Programs
    shapes : [Shape of every layer]

    Attributes
    ----------
    outputs : int8 (bytes,), the network's outputs side by side, the same array for ever
    works : list of Work, in the order in which they run
    """

    def __init__(self, cl, queue, plan, programs, shapes):
        self._cl, self._queue, self._plan, self._programs = cl, queue, plan, programs
        self.works = [lower.lower(layer, shape) for layer, shape in zip(plan.layers, shapes)]
        packed = constants.pack(self.works)
        _check_memory(queue.device, plan.arena.n_bytes, packed.numbers.nbytes, packed.arrays.nbytes)
        self._arena = cl.Buffer(queue.context, cl.mem_flags.READ_WRITE, plan.arena.n_bytes)
        self._fill_constants()
        self._constants = [self._buffer(packed.numbers), self._buffer(packed.arrays)]  # a kernel keeps no buffer alive
        self._launches = [self._launch(programs.kernel(work), work, first)
                          for work, first in zip(self.works, packed.firsts)]
        self._compile()
        self.outputs = np.zeros(plan.arena.outputs_n_bytes, np.int8)

    def canvas(self, input):
        """A Canvas on the network's input, which no other value shares. BackendError, pyopencl's Error."""
        return Canvas(self._cl, self._queue, self._programs, self._arena, self._plan.input.at, input)

    def run(self, image=None):
        """Run the network on uint8 (height, width, 3), or on what a Canvas has drawn; `outputs` hold the result."""
        cl, queue, arena = self._cl, self._queue, self._arena
        if image is not None:  # pyopencl waits for a copy whose event is let go
            self._copied = cl.enqueue_copy(queue, arena, image, dst_offset=self._plan.input.at, is_blocking=False)
        for kernel, size, group in self._launches:
            cl.enqueue_nd_range_kernel(queue, kernel, size, group)
        cl.enqueue_copy(queue, self.outputs, arena, src_offset=self._plan.arena.outputs_at, is_blocking=True)

    def profile(self, image):
        """int64 (layers,), ns that the device spent on each layer of one frame, by its own clock."""
        events = []
        self._cl.enqueue_copy(self._queue, self._arena, image, dst_offset=self._plan.input.at, is_blocking=False)
        for kernel, size, group in self._launches:
            events.append(self._cl.enqueue_nd_range_kernel(self._queue, kernel, size, group))
        self._queue.finish()
        return np.array([event.profile.end - event.profile.start for event in events], np.int64)

    def time_layer(self, number, n_runs):
        """Nanoseconds of the quickest of some runs of one layer, with what is in its values by chance."""
        kernel, size, group = self._launches[number]
        times = []
        for _ in range(n_runs):
            start = time.perf_counter_ns()
            self._cl.enqueue_nd_range_kernel(self._queue, kernel, size, group)
            self._queue.finish()
            times.append(time.perf_counter_ns() - start)
        return min(times)

    def _fill_constants(self):
        for room in self._plan.arena.rooms:
            if room.fill is not None:
                values = np.full(room.n_bytes, room.fill, np.int8)
                self._cl.enqueue_copy(self._queue, self._arena, values, dst_offset=room.at, is_blocking=True)

    def _launch(self, kernel, work, first):
        for place, argument in enumerate((self._arena, *self._constants, first)):
            kernel.set_arg(place, argument)  # set_args would write a module for each kernel
        return kernel, work.size, work.group

    def _compile(self):
        """Run a layer of each kind: some drivers compile a kernel when it first runs, which no frame shall wait for."""
        kinds = {(work.kernel, work.shape.program, work.group): number for number, work in enumerate(self.works)}
        with own_signals():
            for number in kinds.values():
                self.time_layer(number, 1)

    def _buffer(self, array):
        flags = self._cl.mem_flags
        return self._cl.Buffer(self._queue.context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=array)


def _check_memory(device, *sizes):
    """Raise BackendError where a device has less memory than buffers of these sizes take."""
    whole, piece = device.global_mem_size, device.max_mem_alloc_size
    if sum(sizes) > whole or max(sizes) > piece:
        raise BackendError(f"{device.name.strip()} has not enough memory: {sum(sizes)} bytes are needed, {max(sizes)}"
                           f" of them in one piece; it has {whole}, {piece} in one piece")
