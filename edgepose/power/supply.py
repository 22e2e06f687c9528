"""Batteries and inputs that report their own power, through the kernel's power_supply class.

Source: Linux, Documentation/ABI/testing/sysfs-class-power: `power_now` is µW, `voltage_now` µV, `current_now` µA,
negative while a battery is discharged. A battery tells what the device takes only while nothing charges it.
"""

from edgepose.errors import BoardError
from edgepose.power.files import FileReader, read_name, read_number, sysfs, usable


def find(root="/"):
    """A reader for each supply that tells its power, or its voltage and current."""
    readers, notes = [], []
    for folder in sorted((sysfs(root) / "class/power_supply").glob("*")):
        paths, divisor = _paths(folder)
        if paths:
            readers.append(SupplyReader(folder, paths, divisor))
    good, faults = usable(readers)
    return good, notes + faults


def _paths(folder):
    if (folder / "power_now").exists():
        return [folder / "power_now"], 1000
    both = [folder / "voltage_now", folder / "current_now"]
    return (both, 10**9) if all(path.exists() for path in both) else ([], 1)


class SupplyReader(FileReader):
    """One supply's power, mW, never negative.

    Parameters
    ----------
    folder : of the supply
    paths, divisor : as FileReader has them
    """

    def __init__(self, folder, paths, divisor):
        self._is_battery = read_name(folder / "type") == "Battery"
        covers = "whole device, from its battery" if self._is_battery else f"input {folder.name}, whole device"
        super().__init__(f"supply {folder.name}", covers, paths, divisor)
        self._status = folder / "status"

    def read(self):
        """Power now, mW; BoardError when the supply is gone, or while a battery is not what feeds the device."""
        if self._is_battery and read_name(self._status, "Discharging") != "Discharging":
            raise BoardError(f"{self._status}: {read_name(self._status)}: the battery does not feed the device alone;"
                             " unplug the charger")
        product = 1
        for path in self._paths:
            product *= abs(read_number(path))
        return product // self._divisor
