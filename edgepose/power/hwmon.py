"""Any sensor of the kernel's hwmon class that measures power or energy: INA219 and INA226 boards, GPUs, supplies.

Source: Linux, Documentation/hwmon/sysfs-interface.rst: `power1_input` and `power1_average` are µW, `energy1_input` is
µJ, `power1_label` says what of.
"""

from edgepose.power.files import FileReader, read_name, read_number, sysfs, usable

_OTHERS = {"ina3221"}  # have a driver of their own


def find(root="/"):
    """A reader for each power or energy of each sensor."""
    readers = []
    for folder in sorted((sysfs(root) / "class/hwmon").glob("hwmon*")):
        chip = read_name(folder / "name", folder.name)
        if chip not in _OTHERS:
            readers += [*_powers(folder, chip), *_energies(folder, chip)]
    return usable(readers)


def _powers(folder, chip):
    for path in _first_of_each(folder, "power"):
        yield FileReader(*_names(folder, chip, path), [path], 1000)


def _first_of_each(folder, quantity):
    """One file a channel: what it is now, else the sensor's own average."""
    channels = {}
    for ending in ("average", "input"):
        for path in folder.glob(f"{quantity}[0-9]*_{ending}"):
            channels[path.name.partition("_")[0]] = path
    return [channels[channel] for channel in sorted(channels)]


def _energies(folder, chip):
    for path in sorted(folder.glob("energy[0-9]*_input")):
        yield EnergyReader(*_names(folder, chip, path), path)


def _names(folder, chip, path):
    """What the sensor is called, and what its label says that it covers."""
    channel = path.name.partition("_")[0]
    label = read_name(folder / f"{channel}_label")
    return f"hwmon {chip} {channel}", label or f"whatever {chip} is wired to"


class EnergyReader:
    """An energy counter of hwmon, µJ since it was opened; one that wraps at 32 or 64 bits is carried on.

    Parameters
    ----------
    name, covers : str
    path : of the counter
    """

    kind, period_ns = "energy", 50_000_000

    def __init__(self, name, covers, path):
        self.name, self.covers, self._path = name, covers, path
        self._last, self._sum = None, 0

    def read(self):
        """Energy since the first call, µJ; BoardError when the sensor is gone."""
        now = read_number(self._path)
        if self._last is not None:
            turn = 0 if now >= self._last else 1 << (32 if self._last < 1 << 32 else 64)
            self._sum += now - self._last + turn
        self._last = now
        return self._sum

    def close(self):
        """Nothing is held open."""

    def __repr__(self):
        return f"<EnergyReader {self.name}: {self.covers}>"
