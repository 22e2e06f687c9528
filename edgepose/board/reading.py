"""From a board.toml to a Board: everything that is wrong is said at once, with its line."""

from collections import namedtuple
from dataclasses import MISSING, fields
from pathlib import Path

from edgepose import backends, power
from edgepose.board import profile as p
from edgepose.toml.document import Document, near, read_text
from edgepose.toml.kinds import choice, number, several, text, whole
from edgepose.toml.values import attempt, check_keys, read_as

#: A table of the file: the dataclass that it fills, and a Kind for every key, called as the field it fills.
Section = namedtuple("Section", "noun kinds")


_LINE = r"[^\x00-\x1f\x7f]+"

TOP = {"title": text("the board's name for people", _LINE, 100), "tier": choice(p.TIERS)}
SECTIONS = {
    "detect": Section(p.Detect, {
        "machine": several(choice(p.MACHINES), f"an array of one or more of {', '.join(p.MACHINES)}", 1),
        "model": several(text("", _LINE, 200), "an array of shell patterns of /proc/device-tree/model"),
        "compatible": several(text("", r"[!-~]+", 200), "an array of entries of /proc/device-tree/compatible")}),
    "cores": Section(p.Cores, {
        "n": whole(0, 1024), "pin": several(whole(0, 1023), "an array of numbers of cores, [] for all"),
        "threads": whole(1, 64)}),
    "defaults": Section(p.Defaults, {
        "model": text("the name of a model, one that `edgepose models list` shows", r"[A-Za-z0-9_-]+", 100),
        "backend": choice(("auto", *backends.AUTOMATIC))}),
    "power": Section(p.Power, {
        "sensor": choice(("none", *power.DRIVERS)), "supply_mv": whole(0, 60_000), "supply_ma": whole(0, 60_000)}),
    "thermal": Section(p.Thermal, {
        "zone": text('the type of a thermal zone, or ""', r"[^\x00-\x1f\x7f]*", 100),
        "throttle_mc": whole(0, 150_000), "flags": choice(p.FLAGS)}),
    "camera": Section(p.Camera, {
        "source": text("picamera:0, or a device such as /dev/video0", r"picamera:\d+|/dev/[\w/.:-]+", 100),
        "width": whole(16, 8192), "height": whole(16, 8192), "fps": number(0.1, 240)}),
    "memory": Section(p.Memory, {"budget_mb": whole(1, 1 << 20)}),
}


def read(path):
    """The Board that a profile describes, named after the folder that it is in.

    Raises
    ------
    ConfigError : it cannot be read, or whatever is wrong in it, a line each, `FILE:LINE: key: what; what it takes`
    """
    document = Document(path, read_text(path))
    root = document.root
    check_keys(root, (*TOP, *SECTIONS))
    top = {key: _value(root, key, kind) for key, kind in TOP.items()}
    tables = {name: root.table(name) for name in SECTIONS if _is_there(root, name)}
    parts = {name: _take(table, SECTIONS[name]) for name, table in tables.items()}
    if document.n_faults == 0:
        _check_cores(tables["cores"], **parts["cores"])
    document.check()
    return p.Board(Path(path).absolute().parent.name, **top,
                   **{name: SECTIONS[name].noun(**part) for name, part in parts.items()})


def _is_there(root, name):
    if not root.has(name):
        root.fault(name, f"is missing; it takes one table, [{name}]")
    return root.has(name)


def _take(table, section):
    """{field: value} of a table; whatever is wrong is noted."""
    check_keys(table, tuple(section.kinds))
    optional = {field.name for field in fields(section.noun) if field.default is not MISSING}
    others = [key for key in table.values if key not in section.kinds]
    return {key: _value(table, key, kind) for key, kind in section.kinds.items()
            if table.has(key) or (key not in optional and not near(key, others))}  # a slip of the pen is said once


def _value(table, key, kind):
    """The value of a key, MISSING where it is not there or wrong."""
    if not table.has(key):
        table.fault(key, f"is missing; it takes {kind.takes}")
        return MISSING
    return attempt(table, key, read_as, kind, table.values[key])


def _check_cores(table, n, pin, threads):
    """Cores that are pinned are there, and no thread is without one."""
    for place, core in enumerate(pin):
        if n and core >= n:
            table.fault("pin", f"there is no core {core} of {n}; it takes numbers from 0 to {n - 1}", place)
    most = len(pin) or n
    if most and threads > most:
        table.fault("threads", f"is {threads}, of which {most} have a core; it takes {most} or less")
