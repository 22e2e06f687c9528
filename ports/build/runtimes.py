"""Write the tables of ports/RUNTIMES.md: which package has a wheel for which board's own Python and C library.

    python ports/build/runtimes.py            # asks the package index; needs pypi-simple
    python ports/build/runtimes.py --check    # exit code 1 if the index no longer says what the tables say
"""

import argparse
import re
from pathlib import Path
from typing import NamedTuple

import index
from packaging import tags

PAGE = Path(__file__).resolve().parent.parent / "RUNTIMES.md"
PLACE = re.compile(r"(<!-- runtimes: .*? -->\n).*?(<!-- end -->)", re.DOTALL)
RUNTIMES = ("ai-edge-litert", "tflite-runtime")  # in the order in which the tflite backend looks for them
PACKAGES = (*RUNTIMES, "openvino", "pyopencl", "numpy", "opencv-python-headless", "av", "pillow", "aiohttp")
SUPPORTED = ">=3.10, <3.14"  # setup.cfg's python_requires
LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


class System(NamedTuple):
    """An image that boards come with: its own Python, the minor version of its glibc, its user space."""

    name: str
    python: str
    glibc: int
    machine: str


SYSTEMS = (
    System("Raspberry Pi OS bookworm", "3.11", 36, "aarch64"),
    System("Raspberry Pi OS bookworm, 32 bits", "3.11", 36, "armv7l"),
    System("Raspberry Pi OS trixie", "3.13", 41, "aarch64"),
    System("Raspberry Pi OS trixie, 32 bits", "3.13", 41, "armv7l"),
    System("JetPack 4 (Jetson Nano)", "3.6", 27, "aarch64"),
    System("JetPack 5 (Xavier NX)", "3.8", 31, "aarch64"),
    System("JetPack 5 with Python 3.10", "3.10", 31, "aarch64"),
    System("JetPack 6 (Orin Nano)", "3.10", 35, "aarch64"),
    System("Ubuntu 24.04", "3.12", 39, "aarch64"),
    System("Debian bookworm", "3.11", 36, "x86_64"),
    System("Debian trixie", "3.13", 41, "x86_64"),
    System("Ubuntu 22.04", "3.10", 35, "x86_64"),
    System("Ubuntu 24.04", "3.12", 39, "x86_64"),
)


def main():
    """Write the tables, or compare them with those that are there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 if the page is out of date")
    check, old = parser.parse_args().check, PAGE.read_text()
    answers = {package: index.files(package) for package in PACKAGES}
    new = PLACE.sub(lambda place: place[1] + table(answers) + place[2], old)
    if not check:
        PAGE.write_text(new)
    elif new != old:
        raise SystemExit(f"{PAGE.name}: the index says something else by now; run ports/build/runtimes.py")


def table(answers):
    """The table, as Markdown: a row for every system, a column for every package."""
    head = f"| system | Python | glibc | machine | network runs on | {' | '.join(PACKAGES)} |\n"
    return head + "|---" * (len(PACKAGES) + 5) + "|\n" + "".join(row(system, answers) for system in SYSTEMS)


def row(system, answers):
    """One system's line."""
    fitting = tags_of(system)
    versions = {package: index.newest(answers[package], fitting, system.python) for package in PACKAGES}
    own = (system.name, system.python, f"2.{system.glibc}", system.machine, use(system, versions))
    return f"| {' | '.join((*own, *(str(versions[package] or '-') for package in PACKAGES)))} |\n"


def use(system, versions):
    """The package that the network runs on, or why there is none."""
    if not index.admits(SUPPORTED, system.python):
        return "nothing: its Python is too old"
    return next((f"**{package}**" for package in RUNTIMES if versions[package]), "nothing")


def tags_of(system):
    """Every wheel tag that pip takes on a system."""
    python = tuple(map(int, system.python.split(".")))
    platforms = list(platforms_of(system))
    own = tags.cpython_tags(python, platforms=platforms)
    return frozenset(own) | frozenset(tags.compatible_tags(python, f"cp{python[0]}{python[1]}", platforms))


def platforms_of(system):
    """The platforms of a system, as wheels name them: its glibc's and all older ones (PEP 600, with its old names)."""
    for minor in range(system.glibc, 4, -1):
        yield f"manylinux_2_{minor}_{system.machine}"
        if minor in LEGACY:
            yield f"{LEGACY[minor]}_{system.machine}"
    yield f"linux_{system.machine}"


if __name__ == "__main__":
    main()
