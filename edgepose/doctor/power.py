"""Supply, heat and what they do to the clock, and the sensor of power."""

import importlib
import re

from edgepose.doctor.finding import good, weigh

FEED = "a stronger supply and a short, thick cable; nothing else on its USB ports"
COOL = "a heat sink or a fan, and air around it"
ASK = "install vcgencmd (sudo apt install raspi-utils) and let yourself use it: sudo usermod -aG video $USER"
_INPUT = re.compile(r"EXT5V_V\s+volt\(\d+\)=(\d+\.\d+)V")
_CORE = re.compile(r"^cpu\d+ ")
_LEAST = 0.95  # of the supply's voltage
_ALIKE = 0.25  # a rail that differs by more than that from the supply is not its input
_NEAR_MC, _HOT_MC = 5_000, 85_000
_UNDER = "under-voltage"
NONE = "none; an external meter works too: edgepose bench --power"
_UNTOLD = {True: ("none",), False: ("none", "pmic")}  # sensors that need not show: not every recording asked firmware


def examine_supply(place):
    """The supply's voltage where it can be read, and whether it was ever too low."""
    needs, input_mv = place.board.power, _input_mv(place)
    now, since = _flags(place, lambda name: name == _UNDER)
    told = f"{(input_mv or 0) / 1000:.2f} V at its input"
    is_low = bool(input_mv) and input_mv < needs.supply_mv * _LEAST
    facts = [told] if input_mv and not is_low else []
    facts += [f"needs {needs.supply_mv / 1000:g} V {needs.supply_ma / 1000:g} A"] if needs.supply_mv else []
    words = ["under-voltage now"] * bool(now) + ["under-voltage since the start"] * bool(since)
    words = words or [f"{alarm} has seen too low a voltage" for alarm in place.vitals.under_voltage_alarms()]
    faults = [(word, FEED) for word in words + [f"only {told}"] * is_low]
    return weigh(facts if facts or faults else ["not told by this board"], faults)


def _input_mv(place):
    """The voltage that the board is fed with, mV, or None where no chip tells it."""
    match = _INPUT.search(place.ask_firmware("pmic_read_adc") or "")
    if match:
        return round(float(match[1]) * 1000)
    wanted = place.board.power.supply_mv
    has_monitor = place.board.power.sensor == "ina3221"
    rails = place.numbers("sys/class/hwmon/hwmon*/in1_input") if has_monitor else []
    rails += place.numbers("sys/bus/i2c/drivers/ina3221x/*/iio[:_]device*/in_voltage0_input")
    return next((rail for rail in rails if abs(rail - wanted) < _ALIKE * wanted), None)


def _flags(place, wanted):
    """The firmware's words that are said now, and those since the start."""
    from edgepose.board import describe_flags

    now, since = describe_flags(place.vitals.firmware_flags() or 0)
    return list(filter(wanted, now)), list(filter(wanted, since))


def examine_throttling(place):
    """Whether heat or supply hold the clock back, or did since the start."""
    now, since = _flags(place, lambda name: name != _UNDER)
    remedy = FEED if any(_flags(place, lambda name: name == _UNDER)) else COOL  # the firmware's answer to both
    faults = [(f"now: {', '.join(now)}", remedy)] * bool(now)
    faults += [(f"since the start: {', '.join(since)}", remedy)] * bool(since)
    faults += [(f"the clock is held back by {name}", COOL) for name in place.vitals.coolers()]
    faults += [(f"since the start: {kind} {count} times", FEED if "current" in kind else COOL)
               for kind, count in _tally(place.vitals.throttle_counts()).items()]
    if place.live and place.board.thermal.flags == "firmware" and place.vitals.firmware_flags() is None:
        faults.append(("the firmware does not answer", ASK))
    return weigh([] if faults else ["not at all"] if _has_counts(place) else ["not told by this board"], faults)


def _tally(counts):
    """{what throttled: how often, on the core that it met most}, without what never did."""
    found = {}
    for name, count in counts.items():
        kind = _CORE.sub("", name)
        found[kind] = max(count, found.get(kind, 0))
    return {kind: count for kind, count in found.items() if count}


def _has_counts(place):
    return place.vitals.firmware_flags() is not None or bool(place.vitals.throttle_counts())


def examine_heat(place):
    """The temperature against that at which the board slows down."""
    zones, thermal = place.vitals.temperatures_mc(), place.board.thermal
    if not zones:
        return good("not told by this kernel")
    name = thermal.zone if thermal.zone in zones else max(zones, key=zones.get)
    text = f"{name} {zones[name] / 1000:.0f} °C"
    if thermal.throttle_mc:
        text += f", slows down from {thermal.throttle_mc / 1000:.0f} °C on"
    too_hot = zones[name] >= (thermal.throttle_mc - _NEAR_MC if thermal.throttle_mc else _HOT_MC)
    return weigh([text], [("hot", COOL)] if too_hot else [])


def examine_sensor(place):
    """What measures power here, and what stands in the way."""
    readers, notes = _find(place)
    wanted = place.board.power.sensor
    faults = [(note, f"the udev rule that lets you read it: sudo cp {_rules(place)} /etc/udev/rules.d/ && sudo udevadm"
                     " control --reload && sudo udevadm trigger, then log in again") for note in notes]
    if wanted not in _UNTOLD[place.live] and not place.board.generic and not readers and not notes:
        faults.append((f"no {wanted}, which this board should have", "see whether its driver is loaded: lsmod, dmesg"))
    facts = [f"{reader.name}: {reader.covers}" for reader in readers]
    return weigh(facts if facts or faults else [NONE], faults)


def _rules(place):
    """Where the board's udev rules are; within a recording we do not look for them on this machine."""
    from edgepose import board

    path = f"{place.board.name}/70-edgepose.rules"
    found = [folder / path for folder in board.folders() if (folder / path).is_file()] if place.live else []
    return next(iter(found), f"ports/{path}")


def _find(place):
    """All readers that are there, and a line for each that cannot be read."""
    from edgepose import power

    readers, notes = [], []
    for name, home in power.DRIVERS.items():
        ask = {"ask_firmware": place.ask_firmware} if name == "pmic" else {}
        found = importlib.import_module(home).find(place.root, **ask)
        readers += found[0]
        notes += found[1]
    return readers, notes
