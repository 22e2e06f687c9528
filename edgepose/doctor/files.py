"""The kernel's files that doctor looks at, and what of each may leave the machine in a recording.

Nothing else is ever recorded, so nothing else must be kept secret: no serial numbers, no names of hosts, users or
networks (tests/unit/test_doctor_recording.py).
"""

import errno
import re
from collections import namedtuple

#: `pattern` below the root; `kind`: "text" is not empty, "number" is a whole one, "word" is hexadecimal,
#: "counter" a number that not everybody may read; `keep` gives what of the text is read and recorded.
File = namedtuple("File", "pattern kind keep", defaults=("text", str.strip))

_DEVICE = re.compile(r"/dev/(mmcblk|sd|nvme|vd|xvd|zram|md|loop|dm-)[a-z0-9]*")
_PLACES = ("/", "/boot", "/boot/firmware", "/home", "/tmp", "/usr", "/var")
HIDDEN = "hidden"
_ASLEEP = (errno.EAGAIN, errno.ENODATA, errno.EBUSY)  # what sensors of parts that are switched off answer


def _lines(pattern):
    """A filter that keeps the lines of a form, each of them once."""
    form = re.compile(pattern)
    return lambda text: "\n".join(dict.fromkeys(line.rstrip() for line in text.splitlines() if form.match(line)))


def _keep_mounts(text):
    """Device, place and type of what is mounted at well-known places."""
    rows = (line.split()[:3] for line in text.splitlines())
    return "\n".join(f"{_device(row[0])} {row[1]} {row[2]}" for row in rows if len(row) == 3 and row[1] in _PLACES)


def _keep_swaps(text):
    """Swap areas; of a file the folder at its root alone."""
    rows = (line.split() for line in text.splitlines()[1:])
    kept = [f"{_swap(row[0])} {row[1]} {row[2]} {row[3]} {row[4]}" for row in rows if len(row) == 5]
    return "\n".join(["Filename Type Size Used Priority", *kept])


def _device(name):
    return name if _DEVICE.fullmatch(name) or (not name.startswith("/") and name.isalnum()) else HIDDEN


def _swap(name):
    if _DEVICE.fullmatch(name):
        return name
    folder = "/" + name.split("/")[1] if name.count("/") > 1 else ""
    return f"{folder if folder in _PLACES else ''}/swapfile" if name.startswith("/") else HIDDEN


_CPU_KEYS = _lines(r"(processor|model name|flags|Features|CPU implementer|CPU architecture|CPU variant|CPU part|"
                   r"CPU revision|Hardware|vendor_id|cpu family|model|stepping)\s*:")

FILES = (
    File("proc/device-tree/model", keep=str), File("proc/device-tree/compatible", keep=str),
    File("edgepose/userland"), File("edgepose/pmic_read_adc"),
    File("proc/sys/kernel/arch"), File("proc/sys/kernel/osrelease"),
    File("proc/cpuinfo", keep=_CPU_KEYS),
    File("proc/meminfo", keep=_lines(r"(MemTotal|MemFree|MemAvailable|SwapTotal|SwapFree|CmaTotal|CmaFree):")),
    File("proc/swaps", keep=_keep_swaps), File("proc/mounts", keep=_keep_mounts),
    File("proc/cgroups", keep=_lines(r"memory\s")), File("sys/fs/cgroup/cgroup.controllers"),
    File("etc/os-release", keep=_lines(r"(NAME|ID|VERSION_ID|VERSION_CODENAME|PRETTY_NAME)=")),
    File("etc/nv_tegra_release", keep=_lines(r"# R\d+")), File("var/lib/nvpmodel/status"),
    File("sys/block/mmcblk*/device/type"),
    File("sys/devices/system/cpu/online"), File("sys/devices/system/cpu/present"),
    *(File(f"sys/devices/system/cpu/cpu[0-9]*/cpufreq/{name}", "number") for name in (
        "scaling_cur_freq", "scaling_min_freq", "scaling_max_freq", "cpuinfo_min_freq", "cpuinfo_max_freq")),
    File("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor"),
    File("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_driver"),
    File("sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count", "number"),
    File("sys/devices/platform/soc*/soc*:firmware/get_throttled", "word"),
    File("sys/class/thermal/thermal_zone*/type"), File("sys/class/thermal/thermal_zone*/temp", "number"),
    File("sys/class/thermal/cooling_device*/type"), File("sys/class/thermal/cooling_device*/cur_state", "number"),
    File("sys/class/hwmon/hwmon*/name"), File("sys/class/hwmon/hwmon*/*[0-9]_label"),
    *(File(f"sys/class/hwmon/hwmon*/{name}", "number") for name in (
        "in*_input", "in*_enable", "in*_lcrit_alarm", "curr*_input", "power*_input", "power*_average",
        "energy*_input", "temp*_input", "oc*_event_cnt", "oc*_throt_en")),
    File("sys/bus/i2c/drivers/ina3221x/*/iio[:_]device*/name"),
    File("sys/bus/i2c/drivers/ina3221x/*/iio[:_]device*/rail_name_*"),
    File("sys/bus/i2c/drivers/ina3221x/*/iio[:_]device*/in_*_input", "number"),
    File("sys/class/powercap/intel-rapl*/name"), File("sys/class/powercap/intel-rapl*/enabled", "number"),
    File("sys/class/powercap/intel-rapl:*/energy_uj", "counter"),
    File("sys/class/powercap/intel-rapl:*/max_energy_range_uj", "number"),
    *(File(f"sys/class/power_supply/{name}/{what}", "text" if what in ("type", "status") else "number")
      for name in ("AC*", "ADP*", "BAT*", "usb*") for what in (
          "type", "status", "online", "voltage_now", "current_now", "power_now")),
    File("sys/class/video4linux/video*/name"),
)


def find(root):
    """(File, path) of all that are there, in the order of the list."""
    for file in FILES:
        for path in sorted(root.glob(file.pattern), key=natural):
            yield file, path


def natural(path):
    """A key for sorting that puts cpu10 behind cpu9."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", str(path))]


def read(file, path):
    """What of a file's text is kept; OSError where it cannot be read."""
    return file.keep(path.read_text(errors="replace"))


def fault(file, path):
    """What is wrong with a file, or None."""
    try:
        text = read(file, path).strip("\0\n\t ")
    except OSError as error:
        return None if _is_expected(file, error) else error.strerror or type(error).__name__
    if not text:
        return "is empty"
    return _READERS.get(file.kind, lambda text: None)(text)


def _is_expected(file, error):
    """A sensor that sleeps is none that is broken, and whether counters may be read is the power sensors' matter."""
    return error.errno in _ASLEEP or (file.kind == "counter" and isinstance(error, PermissionError))


def _fault_of_number(base, text):
    try:
        int(text, base)
    except ValueError:
        return "holds no number"
    return None


_READERS = {"number": lambda text: _fault_of_number(10, text), "counter": lambda text: _fault_of_number(10, text),
            "word": lambda text: _fault_of_number(16, text)}
