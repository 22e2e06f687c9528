"""Power sensors: each driver is a file here, found by name; every reader says what it covers.

A reader has `name`, `covers` (what of the machine its number is about), `kind` ("energy": `read` gives µJ that only
grow; "power": mW), `period_ns` (no use asking more often), `read()` (int; BoardError when the sensor is gone) and
`close()`; one of a file that another program writes has `readings()` in place of `read`. A driver's `find(root)` gives
the readers that are there and what stood in the way of others.
"""

import importlib
from collections import namedtuple

from edgepose.errors import ConfigError

#: Every driver by name, in the order in which they are asked.
DRIVERS = {
    "rapl": "edgepose.power.rapl",
    "ina3221": "edgepose.power.ina3221",
    "pmic": "edgepose.power.pmic",
    "hwmon": "edgepose.power.hwmon",
    "supply": "edgepose.power.supply",
}
EXTERNAL = ("serial", "csv")

#: The readers that were found, and one line for each that was there but cannot be read.
Found = namedtuple("Found", "readers notes")


def find(wanted="auto", root="/"):
    """The power readers of this machine.

    Parameters
    ----------
    wanted : "auto" for all that are there, "none", a driver's name, or serial:... or csv:... for an external meter
    root : path below which `sys` lies; another than "/" for recorded trees

    Returns
    -------
    Found

    Raises
    ------
    ConfigError : the name is not known, or the one that was named is not there
    BoardError : the external meter cannot be opened
    """
    driver = wanted.partition(":")[0]
    if wanted == "none":
        return Found([], [])
    if driver in EXTERNAL:
        return Found([importlib.import_module(f"edgepose.power.{driver}_meter").open_meter(wanted)], [])
    if wanted != "auto" and wanted not in DRIVERS:
        raise ConfigError(f"power sensor {wanted!r} is not known; one of auto, none, {', '.join(DRIVERS)},"
                          " serial:/dev/ttyUSB0 or csv:FILE")
    return _ask(DRIVERS if wanted == "auto" else [wanted], wanted, root)


def _ask(names, wanted, root):
    found = Found([], [])
    for name in names:
        readers, notes = importlib.import_module(DRIVERS[name]).find(root)
        found.readers.extend(readers)
        found.notes.extend(notes)
    _tell_apart(found.readers)
    if wanted != "auto" and not found.readers:
        raise ConfigError(f"power sensor {wanted}: {'; '.join(found.notes) or 'there is none on this machine'}")
    return found


def _tell_apart(readers):
    """Number the readers that would have the same name, as those of two chips of a kind."""
    names = [reader.name for reader in readers]
    for place, reader in enumerate(readers):
        if names.count(names[place]) > 1:
            reader.name = f"{names[place]} #{names[:place].count(names[place]) + 1}"
