"""The time of day, which events carry."""

from edgepose.doctor.finding import good, warn

SYNC = "sudo timedatectl set-ntp true (sudo apt install systemd-timesyncd where that fails)"


def examine(place):
    """Who keeps the clock right, and whether it outlasts a power cut."""
    has_battery = any(place.root.glob("sys/class/rtc/rtc*"))
    rest = "" if has_battery else ", and no clock with a battery: after a power cut events carry a wrong time"
    if place.has("run/systemd/timesync/synchronized"):
        return good("synchronised by systemd-timesyncd")
    if place.has("run/chrony/chronyd.pid"):
        return good("kept by chronyd")
    if place.has("run/.containerenv") or place.has(".dockerenv"):
        return good("that of the machine outside this container")
    return warn(f"not synchronised with any time server{rest}", SYNC)
