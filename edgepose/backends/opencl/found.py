"""What OpenCL there is on this machine, for `edgepose doctor`; nothing here raises because of a driver."""

from edgepose.backends.opencl import devices, kept
from edgepose.backends.signals import own_signals

#: What of a device's extensions matters to kernels like ours, in words.
EXTENSIONS = {"fp16": "cl_khr_fp16", "integer dot product": "cl_khr_integer_dot_product",
              "sub-groups": "subgroup", "command buffer": "cl_khr_command_buffer"}
EMPTY_KERNEL = "kernel void nothing(void) {}"


def describe(cl):
    """[{number, name, platform, type, ...}] of every device, in the order of their numbers. BackendUnavailable."""
    return [_describe(cl, number, device) for number, device in enumerate(devices.find_devices(cl))]


def silent(cl):
    """What keeps a driver that is installed from showing a device, or ""; other drivers may well show some."""
    platforms = devices.find_platforms(cl)
    without = [platform for platform in platforms if not devices.devices_of(cl, platform)]
    return devices.SILENT_RUSTICL if any(map(devices.is_silent_rusticl, without)) else ""


def _describe(cl, number, device):
    platform, type = device.platform, devices.type_of(cl, device)
    return {
        "number": number, "name": device.name.strip(), "platform": platform.name.strip(), "type": type,
        "version": device.version.strip(), "platform_version": platform.version.strip(),
        "driver": device.driver_version.strip(), "compute_units": device.max_compute_units,
        "memory_bytes": device.global_mem_size,
        "extensions": [words for words, name in EXTENSIONS.items() if name in device.extensions],
        "tuned": kept.tuned(devices.package(device)), "fault": _fault(cl, device)}


def _fault(cl, device):
    """Why a device builds no program at all, or "": some are shown by a driver whose compiler does not know them."""
    try:
        with own_signals():
            cl.Program(cl.Context([device]), EMPTY_KERNEL).build(["-w"])
    except cl.Error as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return next((line for line in lines if "error" in line.lower()), lines[0] if lines else type(error).__name__)
    return ""
