"""INA3221: the three-channel monitors on NVIDIA's Jetson modules.

Sources: Linux, Documentation/hwmon/ina3221.rst (`in1_input` mV, `curr1_input` mA, `in1_label`; JetPack 5 and later);
NVIDIA's driver ina3221x of JetPack 4 (`in_power0_input` mW and `rail_name_0` in an iio folder), as the Jetson Linux
Developer Guide describes it.
"""

from edgepose.power.files import FileReader, read_name, sysfs, usable

#: Rails that the whole module is fed through.
_INPUTS = {"VDD_IN": "module input", "POM_5V_IN": "5 V input of the module", "VIN_SYS_5V0": "5 V rail of the system",
           "5V_IN": "5 V input of the module"}
_UNCONNECTED = {"", "NC"}


def find(root="/"):
    """A reader for each connected rail, in the newer layout and in the older."""
    return usable([*_find_hwmon(sysfs(root)), *_find_iio(sysfs(root))])


def _find_hwmon(sys):
    for folder in sorted((sys / "class/hwmon").glob("hwmon*")):
        if read_name(folder / "name") == "ina3221":
            for channel in (1, 2, 3):
                rail = read_name(folder / f"in{channel}_label")
                enabled = read_name(folder / f"in{channel}_enable", "1") == "1"
                if rail not in _UNCONNECTED and enabled:
                    yield _reader(rail, [folder / f"in{channel}_input", folder / f"curr{channel}_input"], 1000)


def _find_iio(sys):
    for folder in sorted((sys / "bus/i2c/drivers/ina3221x").glob("*/iio[:_]device*")):
        for channel in (0, 1, 2):
            rail = read_name(folder / f"rail_name_{channel}")
            if rail not in _UNCONNECTED:
                yield _reader(rail, [folder / f"in_power{channel}_input"], 1)


def _reader(rail, paths, divisor):
    return FileReader(f"ina3221 {rail}", _INPUTS.get(rail, f"rail {rail}, a part of the module"), paths, divisor)
