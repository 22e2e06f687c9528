"""Whether the machine ran as fast as it can: throttling, supply, governor, clocks."""

import statistics

from edgepose.bench.honesty import Doubt
from edgepose.board import describe_flags

_LEAST_CLOCK = 0.97  # of the highest


def check(sampler, vitals, rows, is_virtual):
    """Doubts about heat, supply and clocks.

    Parameters
    ----------
    sampler : Sampler, closed
    vitals : Vitals
    rows : those of the sampler's rows that lie within the measured time
    is_virtual : bool
    """
    return [*_firmware(sampler), *_counters(sampler), *_coolers(sampler), *_alarms(vitals), *_governor(vitals, rows),
            *_blind(vitals, is_virtual)]


def _firmware(sampler):
    """A Raspberry Pi's own account of heat and supply, live and since it was started."""
    before, seen = sampler.flags_before, sampler.flags
    if before is None:
        return
    live, sticky = describe_flags(seen)
    known = describe_flags(before)[1]
    for name in dict.fromkeys(live + [name for name in sticky if name not in known]):
        yield Doubt("throttled", "all", f"the firmware reports {name} during the run; a stronger supply, or better"
                                        " cooling")
    for name in known:
        if name not in live:
            yield Doubt("throttled-before", "nothing", f"the firmware reports {name} at some time since the board was"
                                                       " started; whether during this run it cannot tell")


def _counters(sampler):
    for name, count in sampler.counts.items():
        grown = count - sampler.counts_before.get(name, 0)
        if grown > 0:
            yield Doubt("throttled", "all", f"throttled {grown} time{'s' if grown > 1 else ''} during the run: {name}")


def _coolers(sampler):
    for name in sampler.coolers:
        yield Doubt("throttled", "all", f"the kernel held the clock back for heat: {name}")


def _alarms(vitals):
    for alarm in vitals.under_voltage_alarms():
        yield Doubt("under-voltage", "all", f"the supply's voltage is too low: {alarm}; a stronger supply, a shorter"
                                            " cable")


def _governor(vitals, rows):
    """A governor that changes the clock is a doubt where the clock did change."""
    governors, limits = vitals.governors(), vitals.limits_khz()
    clocks = [row["mhz"] for row in rows if "mhz" in row]
    if not governors or not clocks or not limits:
        return
    share = statistics.median(clocks) * 1000 / (sum(limits) / len(limits))
    if share < _LEAST_CLOCK:
        yield Doubt("clock", "all", f"the cores ran at {share:.0%} of their highest clock under governor"
                                    f" {'+'.join(governors)}; cpupower frequency-set -g performance")
    elif governors != ["performance"]:
        yield Doubt("governor", "nothing", f"frequency governor {'+'.join(governors)}, though the clock stayed up")


def _blind(vitals, is_virtual):
    """What cannot be seen here."""
    if is_virtual:
        yield Doubt("virtual", "nothing", "a virtual machine: neither its clock nor its neighbours can be seen")
    elif not vitals.frequencies_khz():
        yield Doubt("no-clock", "nothing", "this machine does not tell its cores' clock")
