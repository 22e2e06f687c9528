"""What a board tells of its heat, its clocks and its supply, read from the kernel's files.

Sources: Documentation/ABI/testing/sysfs-class-thermal and sysfs-devices-system-cpu, Documentation/admin-guide/
pm/cpufreq.rst and thermal/intel_thermal_throttle.rst of Linux; NVIDIA's Jetson Linux Developer Guide, "Platform Power
and Performance" (over-current counters); Raspberry Pi's documentation of `vcgencmd get_throttled`, and of the kernel's
file with the same word, github.com/raspberrypi/linux/pull/2397 (below `soc:firmware`; `soc@107c000000:firmware` on a
Raspberry Pi 5, after its device tree's node).
"""

import re
import subprocess
from pathlib import Path

from edgepose.board.tree import read_int, read_text

#: Bits of the firmware's throttle word: what they say while set, and, 16 bits higher, since the board started.
FIRMWARE_BITS = {0: "under-voltage", 1: "ARM frequency capped", 2: "throttled", 3: "soft temperature limit"}
STICKY_SHIFT = 16

_FLAGS_FILE = "devices/platform/soc*/soc*:firmware/get_throttled"
_CPU_COOLERS = re.compile(r"processor|cpufreq|cpu-|thermal-cpu|idle", re.IGNORECASE)


class Vitals:
    """Reads one machine; whatever it does not have is missing from the answer, and nothing is raised.

    Parameters
    ----------
    root : path below which `sys` and `proc` lie; another than "/" for recorded trees
    ask_firmware : callable of vcgencmd's arguments that gives its output, or None where there is no such program
    """

    def __init__(self, root="/", ask_firmware=None):
        self._sys = Path(root) / "sys"
        self._ask_firmware = ask_firmware or vcgencmd
        cpus = sorted((self._sys / "devices/system/cpu").glob("cpu[0-9]*"), key=lambda path: int(path.name[3:]))
        self._clocks = [cpu / "cpufreq" for cpu in cpus if (cpu / "cpufreq/scaling_cur_freq").exists()]
        self._zones = sorted((self._sys / "class/thermal").glob("thermal_zone*"))
        self._counters = _find_counters(self._sys, cpus)
        self._coolers = [path for path in sorted((self._sys / "class/thermal").glob("cooling_device*"))
                         if _CPU_COOLERS.search(read_text(path / "type") or "")]
        self._flags = next(iter(sorted(self._sys.glob(_FLAGS_FILE))), None)
        self._has_firmware = self._flags is None and self._ask_firmware("get_throttled") is not None

    def temperatures_mc(self):
        """{zone: m°C}."""
        found = {f"{read_text(zone / 'type') or zone.name}": read_int(zone / "temp") for zone in self._zones}
        return {name: value for name, value in found.items() if value is not None}

    def frequencies_khz(self):
        """The clock of each core that has one, kHz."""
        found = (read_int(clock / "scaling_cur_freq") for clock in self._clocks)
        return [value for value in found if value is not None]

    def limits_khz(self):
        """The highest clock of each core as the hardware has it, kHz; a user's or the kernel's limit may be lower."""
        found = (read_int(clock / "cpuinfo_max_freq") for clock in self._clocks)
        return [value for value in found if value is not None]

    def governors(self):
        """The names of the frequency governors in use, sorted."""
        return sorted({name for clock in self._clocks if (name := read_text(clock / "scaling_governor"))})

    def throttle_counts(self):
        """{what was throttled: how often}: counters that only grow."""
        found = {name: read_int(path) for name, path in self._counters.items()}
        return {name: value for name, value in found.items() if value is not None}

    def coolers(self):
        """{cooling device of the CPU: its state}; above 0 it holds the clock back."""
        found = {f"{path.name} ({read_text(path / 'type')})": read_int(path / "cur_state") for path in self._coolers}
        return {name: state for name, state in found.items() if state}

    def firmware_flags(self):
        """The firmware's throttle word of a Raspberry Pi, see `FIRMWARE_BITS`; None where there is none."""
        if self._flags is not None:
            return _hexadecimal(read_text(self._flags))
        text = self._ask_firmware("get_throttled") if self._has_firmware else None
        match = re.search(r"throttled=(0x[0-9a-fA-F]+)", text or "")
        return _hexadecimal(match and match[1])

    def under_voltage_alarms(self):
        """Supply monitors of the kernel that have seen too low a voltage, such as `rpi_volt`."""
        alarms = sorted((self._sys / "class/hwmon").glob("hwmon*/in*_lcrit_alarm"))
        return [f"{read_text(path.parent / 'name')} {path.name[:-12]}" for path in alarms if read_int(path)]


def _hexadecimal(text):
    """The number of a text such as "50005" or "0x50005", or None."""
    try:
        return int(text or "", 16)
    except ValueError:
        return None


def _find_counters(sys, cpus):
    """{name: path} of what counts throttling: x86's thermal events and the Jetson's over-current ones."""
    found = {}
    for cpu in cpus:
        for kind in ("core", "package"):
            path = cpu / f"thermal_throttle/{kind}_throttle_count"
            if path.exists():
                found[f"{cpu.name} {kind} heat"] = path
    for path in sorted((sys / "class/hwmon").glob("hwmon*/oc*_event_cnt")):
        found[f"over-current {path.name.partition('_')[0]}"] = path
    return found


def describe_flags(flags):
    """The names of the bits that are set now, and of those that were since the start, as two lists."""
    live = [name for bit, name in FIRMWARE_BITS.items() if flags >> bit & 1]
    return live, [name for bit, name in FIRMWARE_BITS.items() if flags >> bit + STICKY_SHIFT & 1]


def vcgencmd(*arguments):
    """What the Raspberry Pi's firmware answers, or None where there is no such program or it fails."""
    try:
        done = subprocess.run(["vcgencmd", *arguments], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
