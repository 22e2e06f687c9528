"""What `edgepose doctor` says of OpenCL."""

import importlib.util

from edgepose.doctor.finding import good, warn
from edgepose.errors import BackendUnavailable

EXTRA = "pip install 'edgepose[opencl]'"
BROKEN_POCL = ("its compiler is older than this CPU: pip uninstall pocl-binary-distribution, then"
               " apt install pocl-opencl-icd")
BROKEN = "mend or remove that driver, or name another device with --device"


def examine(place=None):
    """The finding of OpenCL, which is optional; `devices` has them all."""
    from edgepose.backends.opencl import devices, found

    try:
        cl = devices.find_package()
        described, silent = found.describe(cl), found.silent(cl)
    except BackendUnavailable as error:
        return warn(f"optional: {error}", "go on without, or install what is named")
    broken = [device for device in described if device["fault"]]
    advice = "; ".join([*dict.fromkeys(map(_advice, broken)), *filter(None, [silent])])
    text = f"pyopencl {cl.VERSION_TEXT}, {len(described)} device{'s' if len(described) > 1 else ''}"
    if advice or not _reads_models():
        return warn(text, advice or f"backend opencl cannot read models: {EXTRA}", devices=described)
    return good(text, devices=described)


def rows(device):
    """A device in lines for a person."""
    gib = device["memory_bytes"] / 2**30
    have = ", ".join(device["extensions"]) or "none of those that matter"
    yield (f"{device['number']}: {device['name']} of {device['platform']} ({device['type']}), {device['version']},"
           f" driver {device['driver']}, {device['compute_units']} compute units, {gib:.1f} GiB")
    yield f"   extensions: {have}; {_tuned(device['tuned'])}"
    if device["fault"]:
        yield f"   builds no program: {device['fault']}"


def _tuned(names):
    return f"tuned for {'; '.join(names)}" if names else "not tuned: edgepose doctor --tune"


def _advice(device):
    pocl = device["platform"] == "Portable Computing Language"
    return f"device {device['number']}: {BROKEN_POCL if pocl else BROKEN}"


def _reads_models():
    from edgepose.backends.opencl import reader

    return any(importlib.util.find_spec(module.partition(".")[0]) for module in reader.SCHEMAS)
