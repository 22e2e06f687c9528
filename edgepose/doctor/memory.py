"""Memory, swap and disk."""

import shutil

from edgepose.doctor.finding import good, warn, weigh
from edgepose.doctor.identity import value

LEAN = "end what else runs (a desktop: sudo systemctl set-default multi-user.target), or take a smaller model"
COUNT = ("add cgroup_enable=memory to the kernel's command line, on a Raspberry Pi the one line of"
         " /boot/firmware/cmdline.txt, and restart")
ZRAM = "swap into compressed memory instead: docs/doctor.md says how; a worn-out card is lost at once, and whole"
ROOM = "delete old recordings, or keep events and clips on another disk: directory in the daemon's configuration"
_LEAST_DISK_MB = 500
_KIB_PER_MB = 1_000_000 / 1024


def examine_memory(place):
    """What is free against what edgepose may take."""
    total, free = (_meminfo_mb(place, key) for key in ("MemTotal", "MemAvailable"))
    if total is None or free is None:
        return good("not told by this kernel")
    budget = place.board.memory.budget_mb
    text = f"{free} of {total} MB free, edgepose takes up to {budget}"
    return good(text) if free >= budget else warn(f"too little: {text}", LEAN)


def _meminfo_mb(place, key):
    number = (value(place.text("proc/meminfo"), key, ":") or "").partition(" ")[0]
    return round(int(number) / _KIB_PER_MB) if number.isdecimal() else None


def examine_limits(place):
    """Whether the kernel counts memory per service, without which a unit's MemoryMax does nothing."""
    controllers, row = place.text("sys/fs/cgroup/cgroup.controllers"), (place.text("proc/cgroups") or "").split()
    if controllers is None and len(row) != 4:
        return good("not told by this kernel")
    if "memory" in (controllers or "").split() or row[-1:] == ["1"]:
        return good("the kernel counts a service's memory, so limits.conf holds")
    return warn("the kernel does not count a service's memory, so MemoryMax of limits.conf does nothing", COUNT)


def examine_swap(place):
    """Where the kernel swaps to; SD cards wear out by it."""
    if place.text("proc/swaps") is None:
        return good("not told by this kernel")
    rows = [line.split() for line in place.text("proc/swaps").splitlines()[1:]]
    areas = {name: _device(place, name) for name, *_ in filter(None, rows)}
    cards = {name: device for name, device in areas.items() if _is_card(place, device)}
    facts = [_describe(name, device) for name, device in areas.items() if name not in cards]
    return weigh(facts or ["none"] if not cards else facts,
                 [(f"{_describe(name, device)}, an SD card", ZRAM) for name, device in cards.items()])


def _device(place, name):
    """The device behind a swap area: itself, or what its folder is mounted from."""
    if name.startswith("/dev/"):
        return name.removeprefix("/dev/")
    rows = (line.split() for line in (place.text("proc/mounts") or "").splitlines())
    mounts = {row[1]: row[0] for row in rows if len(row) == 3}
    place_of = max((mount for mount in mounts if (name + "/").startswith(mount.rstrip("/") + "/")), key=len, default="")
    return mounts.get(place_of, "an unknown device").removeprefix("/dev/")


def _is_card(place, device):
    """Whether a device is an SD card, not the eMMC that has the same name."""
    disk = device.partition("p")[0]
    return disk.startswith("mmcblk") and place.text(f"sys/block/{disk}/device/type") != "MMC"


def _describe(name, device):
    if device.startswith("zram"):
        return f"{device}, compressed memory"
    return device if name == f"/dev/{device}" else f"a file on {device}"


def examine_disk(place):
    """Room where edgepose keeps things."""
    from edgepose import cache

    folder = cache.folder()
    while not folder.is_dir():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    text = f"{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB free at {folder}"
    return good(text) if usage.free >= _LEAST_DISK_MB * 1e6 else warn(f"nearly full: {text}", ROOM)
