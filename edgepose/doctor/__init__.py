"""What a machine has, what it lacks, and what to do about it: the checks behind `edgepose doctor`, a file a noun."""

from collections import namedtuple

import edgepose
from edgepose.doctor import (
    camera,
    clocks,
    identity,
    memory,
    models,
    opencl,
    power,
    readings,
    runtimes,
    service,
    software,
    timekeeping,
    wheels,
)
from edgepose.doctor.apart import Apart
from edgepose.doctor.finding import fail, warn
from edgepose.doctor.place import Place
from edgepose.errors import EdgePoseError

SCHEMA = "edgepose.doctor/1"
FILES, LIVE, APART = "files", "live", "apart"

#: `group` is a heading; `examine(place)` gives a finding; `needs`: FILES of the kernel alone, so that a recorded tree
#: will do, or a LIVE machine, or a process of its own on one, APART; `needed`: whether nothing works without it.
Check = namedtuple("Check", "group examine needs needed", defaults=(False,))

#: Every check by name, in the order in which they are shown.
CHECKS = {
    "board": Check("Board", identity.examine_board, FILES, True),
    "system": Check("Board", identity.examine_system, FILES),
    "cores": Check("Board", clocks.examine_cores, FILES),
    "memory": Check("Board", memory.examine_memory, FILES),
    "limits": Check("Board", memory.examine_limits, FILES),
    "swap": Check("Board", memory.examine_swap, FILES),
    "disk": Check("Board", memory.examine_disk, LIVE),
    "time": Check("Board", timekeeping.examine, LIVE),
    "readings": Check("Board", readings.examine, FILES),
    "edgepose": Check("Software", software.examine_edgepose, LIVE, True),
    "python": Check("Software", software.examine_python, LIVE, True),
    "glibc": Check("Software", wheels.examine_glibc, LIVE),
    "numpy": Check("Software", software.examine_numpy, LIVE, True),
    "wheels": Check("Software", wheels.examine_wheels, LIVE, True),
    "kernels": Check("Software", software.examine_kernels, LIVE),
    "tflite": Check("Software", runtimes.examine_tflite, APART, True),
    "openvino": Check("Software", runtimes.examine_openvino, APART),
    "opencl": Check("Software", opencl.examine, APART),
    "video": Check("Software", software.examine_video, LIVE, True),
    "pictures": Check("Software", software.examine_pictures, LIVE, True),
    "cache": Check("Software", software.examine_cache, LIVE),
    "service": Check("Software", service.examine, LIVE),
    "supply": Check("Power and heat", power.examine_supply, FILES),
    "throttling": Check("Power and heat", power.examine_throttling, FILES),
    "heat": Check("Power and heat", power.examine_heat, FILES),
    "governor": Check("Power and heat", clocks.examine_governor, FILES),
    "clocks": Check("Power and heat", clocks.examine_clocks, FILES),
    "sensor": Check("Power and heat", power.examine_sensor, FILES),
    "camera": Check("Camera", camera.examine, FILES),
    "models": Check("Models", models.examine_models, LIVE, True),
    "measured": Check("Models", models.examine_measured, LIVE),
}


def examine(place=None):
    """Everything that can be examined at a place, as schemas/doctor-1.schema.json has it.

    Parameters
    ----------
    place : Place, or None for this machine
    """
    place = place or Place()
    names = [name for name, check in CHECKS.items() if place.live or check.needs == FILES]
    begun = {name: Apart(name, _broken(CHECKS[name])) for name in names if CHECKS[name].needs == APART}
    found = {name: _guard(CHECKS[name], place) for name in names if name not in begun}
    found |= {name: apart.finding(lambda name=name: examine_one(name)) for name, apart in begun.items()}
    return {"schema": SCHEMA, "edgepose": edgepose.__version__, "live": place.live, "board": identity.describe(place),
            "findings": {name: {"group": CHECKS[name].group, **found[name]} for name in names},
            "left_out": [name for name in CHECKS if name not in names]}


def examine_one(name):
    """The finding of one check on this machine."""
    return _guard(CHECKS[name], Place())


def _guard(check, place):
    """A check that fails is a finding, never a crash."""
    try:
        return check.examine(place)
    except EdgePoseError as error:
        return _broken(check)(str(error), "mend what is named, or reinstall edgepose")
    except Exception as error:  # whatever an ill-installed package throws is what the user must see
        return _broken(check)(f"{type(error).__name__}: {error}", software.REINSTALL)


def _broken(check):
    """What to make a finding with of a check that itself goes wrong."""
    return fail if check.needed else warn


def is_fit(report):
    """Whether nothing that is needed is missing."""
    return all(finding["status"] != "fail" for finding in report["findings"].values())
