"""Cores and their clocks: how many, how fast, and who decides that."""

import os

from edgepose.doctor.finding import good, weigh

_LAZY = ("powersave", "ondemand", "conservative")
_OF_HARDWARE = {"intel_pstate", "amd-pstate", "amd-pstate-epp"}  # their "powersave" follows the load by itself
PERFORM = ("echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor (docs/doctor.md: how to"
           " keep it so)")
UNBOUND = ("something holds the clock down: heat (see throttling), a limit of the system's configuration"
           " (scaling_max_freq), or a Jetson's power mode: sudo nvpmodel -q")
_MHZ = 1000


def examine_cores(place):
    """Cores that are there and that we may use, against those that the profile counts and pins."""
    board, online = place.board, read_list(place.text("sys/devices/system/cpu/online"))
    usable = os.sched_getaffinity(0) if place.live else online
    facts = [f"{len(usable)} of {max(board.cores.n, len(online), len(usable))} usable", _plan(board.cores, usable)]
    faults = []
    if board.cores.n > len(online) > 0:
        faults.append((f"the board has {board.cores.n} cores, {len(online)} are switched on",
                       "switch them on; on a Jetson, sudo nvpmodel -m 0"))
    if missing := set(board.cores.pin) - set(usable or board.cores.pin):
        faults.append((f"cores {_names(missing)} are not ours, which the profile would keep to",
                       "see what taskset, isolcpus= or a container keeps from us"))
    return weigh(facts if usable else ["not told by this kernel"], faults)


def _plan(cores, usable):
    pinned = f"edgepose keeps to {_names(cores.pin)}" if cores.pin and set(cores.pin) <= set(usable) else "none pinned"
    return f"{pinned}, {cores.threads} thread{'s' if cores.threads > 1 else ''} for the network"


def _names(cores):
    return ", ".join(map(str, sorted(cores)))


def read_list(text):
    """The set of cores in a text such as "0-3,5"; empty where it is none."""
    found = set()
    for part in (text or "").split(","):
        first, _, last = part.strip().partition("-")
        if first.isdecimal() and (last or first).isdecimal() and int(last or first) < 1 << 16:
            found |= set(range(int(first), int(last or first) + 1))
    return found


def examine_governor(place):
    """What decides the clock, and whether it waits for load."""
    governors = place.vitals.governors()
    drivers = set(place.texts("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_driver"))
    if not governors:
        return good("not told by this kernel: a fixed clock, or a virtual machine")
    lazy = [] if drivers & _OF_HARDWARE else [name for name in governors if name in _LAZY]
    return weigh([] if lazy else [", ".join(governors)], [
        (f"{name}: {'the lowest clock always' if name == 'powersave' else 'the clock rises only after the load has'}",
         PERFORM) for name in lazy])


def examine_clocks(place):
    """The clocks now, what they are limited to, and what the hardware could do."""
    now, hardware = place.vitals.frequencies_khz(), place.vitals.limits_khz()
    limits = place.numbers("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_max_freq")
    if not now or not hardware:
        return good("not told by this kernel")
    facts = [f"{_mhz(now)} MHz now, {_mhz(hardware)} MHz at most"]
    held = limits and max(limits) < max(hardware)
    return weigh(facts, [(f"held to {_mhz(limits)} MHz", UNBOUND)] if held else [])


def _mhz(clocks):
    low, high = min(clocks) // _MHZ, max(clocks) // _MHZ
    return f"{high}" if low == high else f"{low} to {high}"
