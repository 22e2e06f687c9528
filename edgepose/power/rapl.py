"""RAPL: the energy counters in Intel's and AMD's processors, through the kernel's powercap files.

Source: Linux, Documentation/power/powercap/powercap.rst and Documentation/ABI/testing/sysfs-class-powercap:
`energy_uj` counts µJ, and starts again at 0 after `max_energy_range_uj`. Since Linux 5.10 only root may read it
(CVE-2020-8694).
"""

from edgepose.errors import BoardError
from edgepose.power.files import RULES, read_name, read_number, sysfs

_COVERS = {"package": "CPU package", "core": "CPU cores, a part of the package", "dram": "memory",
           "uncore": "GPU beside the CPU, a part of the package", "psys": "whole platform, as the processor sees it"}


def find(root="/"):
    """The zones that count energy, and why others cannot be read."""
    zones = sorted((sysfs(root) / "class/powercap").glob("intel-rapl:*"))
    readers, notes = [], []
    for zone in zones:
        if (zone / "energy_uj").exists():
            try:
                readers.append(RaplReader(zone))
            except BoardError as fault:
                notes.append(f"rapl {zone.name}: {fault}")
    return readers, _once(notes)


def _once(notes):
    """One line where all zones lack the same permission."""
    denied = [note for note in notes if RULES in note]
    return denied[:1] + [note for note in notes if RULES not in note]


class RaplReader:
    """One zone's energy since it was opened, µJ; a counter that starts again is carried on.

    Parameters
    ----------
    zone : path of its folder

    Raises
    ------
    BoardError : no permission; the text names the rule that grants it
    """

    kind, period_ns = "energy", 0

    def __init__(self, zone):
        self._path, self._range = zone / "energy_uj", read_number(zone / "max_energy_range_uj")
        zone_name = read_name(zone / "name", zone.name)
        parent = zone.parent / zone.name.rpartition(":")[0]  # of intel-rapl:0:1 it is intel-rapl:0
        self.name = " ".join(["rapl", *filter(None, [read_name(parent / "name")]), zone_name])
        self.covers = _COVERS.get(zone_name.partition("-")[0], zone_name)
        self._last, self._sum = self._count(), 0

    def read(self):
        """Energy since the reader was opened, µJ. Right as long as it is read at least once a turn of the counter."""
        now = self._count()
        self._sum += now - self._last + (self._range if now < self._last else 0)
        self._last = now
        return self._sum

    def _count(self):
        try:
            return int(self._path.read_text())
        except PermissionError as error:
            raise BoardError(f"{self._path}: no permission; {RULES} is the udev rule that grants it") from error
        except (OSError, ValueError) as error:
            raise BoardError(f"{self._path}: {getattr(error, 'strerror', None) or 'holds no number'}") from error

    def close(self):
        """Nothing is held open."""

    def __repr__(self):
        return f"<RaplReader {self.name}: {self.covers}>"
