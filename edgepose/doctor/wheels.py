"""Which runtime packages the index has for this Python, architecture and C library.

As the package index had them on 2026-11-22, for those Pythons that edgepose runs on: ai-edge-litert 2.3.0,
tflite-runtime 2.14.0, and 2.13.0 for older C libraries, openvino 2026.4.1. ports/RUNTIMES.md has the whole of it, and
tests/unit/test_doctor_software.py holds the two together.
"""

import platform
import sys
from collections import namedtuple

from edgepose.doctor.finding import fail, good, warn
from edgepose.doctor.software import version_of

#: Wheels of `package` for Pythons from `first` to `last` need at least `glibc`.
Wheels = namedtuple("Wheels", "package machine first last glibc")

TABLE = (
    Wheels("ai-edge-litert", "x86_64", (3, 10), (3, 13), (2, 27)),
    Wheels("ai-edge-litert", "aarch64", (3, 10), (3, 13), (2, 27)),
    Wheels("tflite-runtime", "x86_64", (3, 10), (3, 11), (2, 17)),
    Wheels("tflite-runtime", "aarch64", (3, 10), (3, 10), (2, 17)),
    Wheels("tflite-runtime", "aarch64", (3, 11), (3, 11), (2, 34)),
    Wheels("tflite-runtime", "armv7l", (3, 10), (3, 10), (2, 17)),
    Wheels("tflite-runtime", "armv7l", (3, 11), (3, 11), (2, 34)),
    Wheels("openvino", "x86_64", (3, 10), (3, 13), (2, 28)),
    Wheels("openvino", "aarch64", (3, 10), (3, 13), (2, 35)),
)
TFLITE = ("ai-edge-litert", "tflite-runtime")
#: A release of Debian or Ubuntu that has a C library, for people.
_SYSTEMS = {(2, 28): "Debian 10", (2, 35): "Debian 12, Ubuntu 22.04, JetPack 6"}


def examine_glibc(place):
    """The C library against what the wheels of optional runtimes need; that of TFLite is the matter of `wheels`."""
    return judge_glibc(place.machine, _own_glibc())


def _own_glibc():
    """(major, minor) of the C library, None for another than glibc."""
    name, version = platform.libc_ver()
    return read_version(version) if name == "glibc" else None


def judge_glibc(machine, glibc):
    """The finding of a C library's version (major, minor), None for another than glibc."""
    if glibc is None:
        return warn("no glibc here, and wheels are made for it (musl, as in Alpine, runs none of them)",
                    "take a system with glibc: Debian, Ubuntu, Raspberry Pi OS")
    lacking = [row for row in TABLE if row.machine == machine and glibc < row.glibc and row.package not in TFLITE
               and not version_of(row.package)]
    text = _dots(glibc)
    if not lacking:
        return good(text)
    needs = ", ".join(f"{row.package} ({_dots(row.glibc)}, {_SYSTEMS[row.glibc]})" for row in lacking)
    return warn(f"{text} is too old for the wheels of {needs}",
                "go on without those packages, or take a newer system")


def examine_wheels(place):
    """The runtime packages that are installed, and those that the index has for this Python."""
    names = dict.fromkeys(row.package for row in TABLE)
    return judge_wheels(place.machine, sys.version_info[:2], _own_glibc(), {name: version_of(name) for name in names})


def judge_wheels(machine, python, glibc, installed):
    """The finding for an architecture, a Python and a glibc (major, minor; or None).

    Parameters
    ----------
    installed : {package: version, or None where it is not installed}
    """
    offered = [row.package for row in TABLE if row.machine == machine and row.first <= python <= row.last
               and glibc is not None and glibc >= row.glibc]
    have = [f"{name} {version}" for name, version in installed.items() if version]
    could = [name for name in offered if not (installed[name] or (name in TFLITE and _has_tflite(installed)))]
    text = f"installed: {', '.join(have) or 'none'}" + (f"; to be had: {', '.join(could)}" if could else "")
    if _has_tflite(installed):
        return good(text)
    if set(TFLITE) & set(offered):
        return fail(f"{text}; no runtime of TFLite", f"pip install {could[0]}")
    return fail(f"no runtime of TFLite has a wheel for Python {_dots(python)} on {machine}"
                f"{f' with glibc {_dots(glibc)}' if glibc else ''}; {text}", _way_out(machine))


def _has_tflite(installed):
    return any(installed.get(name) for name in TFLITE)


def _way_out(machine):
    """Which Python and which system have one."""
    rows = [row for row in TABLE if row.machine == machine and row.package in TFLITE]
    if not rows:
        return f"take a machine of another architecture: {', '.join(sorted({row.machine for row in TABLE}))}"
    ways = (f"Python {' to '.join(dict.fromkeys(map(_dots, (row.first, row.last))))} with glibc {_dots(row.glibc)} or"
            " newer" for row in rows)
    return f"take {', or '.join(ways)}"


def read_version(text):
    """(major, minor) of a text such as "2.36", or None."""
    parts = (text or "").split(".")[:2]
    return tuple(map(int, parts)) if len(parts) == 2 and all(part.isdecimal() for part in parts) else None


def _dots(version):
    return ".".join(map(str, version))
