"""Finding an OpenCL device: by number, by a part of its name, or by its type."""

import importlib
import importlib.metadata
import os
from pathlib import Path

from edgepose.backends.signals import own_signals
from edgepose.errors import BackendUnavailable, ConfigError, first_line

VENDORS = "/etc/OpenCL/vendors"
TYPES = ("GPU", "ACCELERATOR", "CPU")  # in order of preference
NO_DRIVER = ("no OpenCL driver is installed: apt install pocl-opencl-icd (the CPU), mesa-opencl-icd (Mali, VideoCore)"
             " or the board's own")
SILENT_RUSTICL = "Mesa's Rusticl shows no device until it is named: set RUSTICL_ENABLE=panfrost, v3d or llvmpipe"


def find_package():
    """The module pyopencl. BackendUnavailable says what to install."""
    try:
        return importlib.import_module("pyopencl")
    except (ImportError, OSError) as error:
        raise BackendUnavailable(f"backend opencl has no runtime (pyopencl: {first_line(error)});"
                                 " pip install 'edgepose[opencl]'") from error


def registered_drivers():
    """Libraries of the drivers that an OpenCL loader takes here, sorted; nothing is loaded to find out.

    Source: ocl-icd's manual page, libOpenCL(7): `OCL_ICD_VENDORS` is a folder of files with one path each.
    """
    folder = Path(os.environ.get("OCL_ICD_VENDORS") or VENDORS)
    try:
        return sorted(file.read_text(errors="replace").strip() for file in folder.glob("*.icd"))
    except OSError:
        return []


def find_devices(cl):
    """Every device of every platform, in the order of their numbers. BackendUnavailable where there is none."""
    platforms = find_platforms(cl)
    with own_signals():
        devices = [device for platform in platforms for device in devices_of(cl, platform)]
    if not devices:
        raise BackendUnavailable(f"backend opencl: {_why_none(platforms)}")
    return devices


def find_platforms(cl):
    """Every platform of the installed drivers. BackendUnavailable where there is none."""
    try:
        with own_signals():  # this loads the drivers
            return cl.get_platforms()
    except cl.Error as error:  # the loader found no driver
        raise BackendUnavailable(f"backend opencl: {NO_DRIVER}") from error


def choose(cl, devices, wanted=None):
    """One of the devices.

    Parameters
    ----------
    wanted : its number, "gpu", "cpu" or "accelerator", or a part of its or its platform's name;
        None or "auto" for a GPU where there is one, then an accelerator, then a CPU

    Raises
    ------
    ConfigError : none is like that; the text lists those that are here
    """
    text = str("auto" if wanted is None else wanted).strip()
    if text.isdigit():
        found = devices[int(text):int(text) + 1]
    elif text.upper() in ("AUTO", *TYPES):
        found = _of_types(cl, devices, TYPES if text.upper() == "AUTO" else (text.upper(),))
    else:
        found = [device for device in devices if text.lower() in f"{device.platform.name} {device.name}".lower()]
    if not found or not text:
        raise ConfigError(f"OpenCL device {text!r} is not here; there is {describe(cl, devices)}")
    return found[0]


def describe(cl, devices):
    """The devices with their numbers, in one line."""
    return "; ".join(f"{number}: {name(device)} ({type_of(cl, device)})" for number, device in enumerate(devices))


def name(device):
    return f"{device.name.strip()} of {device.platform.name.strip()}"


def type_of(cl, device):
    """"GPU", "ACCELERATOR" or "CPU"; a device of no such type counts as an accelerator."""
    return next((kind for kind in TYPES if device.type & getattr(cl.device_type, kind)), "ACCELERATOR")


def confine(cl, device, threads):
    """The device itself, or of a CPU a part that has just so many threads."""
    if type_of(cl, device) != "CPU" or threads >= device.max_compute_units:
        return device
    by_counts = cl.device_partition_property.BY_COUNTS
    if by_counts not in device.partition_properties:  # asked to divide nevertheless, Rusticl ends the process
        return device
    try:
        return device.create_sub_devices([by_counts, threads])[0]
    except cl.Error:  # a driver that does not divide after all uses all its threads
        return device


def package(device):
    """"pyopencl version on device, driver version"."""
    return f"pyopencl {importlib.metadata.version('pyopencl')} on {name(device)}, driver {device.driver_version}"


def devices_of(cl, platform):
    """The devices of a platform, none where it fails."""
    try:
        return platform.get_devices()
    except cl.Error:
        return []


def _of_types(cl, devices, types):
    return [device for kind in types for device in devices if type_of(cl, device) == kind]


def _why_none(platforms):
    """A driver that is there and shows nothing: Rusticl waits to be told which of Mesa's drivers to use."""
    names = ", ".join(platform.name.strip() for platform in platforms) or "none"
    if any(is_silent_rusticl(platform) for platform in platforms):
        return SILENT_RUSTICL
    return f"the installed drivers ({names}) show no device; {NO_DRIVER}"


def is_silent_rusticl(platform):
    """Whether a platform without devices is Mesa's Rusticl, and nobody has named a driver to it."""
    return "rusticl" in platform.name.lower() and not os.environ.get("RUSTICL_ENABLE")
