"""What stands in a tree to the last package: locks/<tree>-debian.txt and locks/<tree>-wheels.txt."""

import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from edgepose import manifest
from tests import debian

HERE = Path(__file__).resolve().parent
SUITE = "bookworm"
PYTHON = "3.11"  # of that suite
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_HEADER = "# python -m tests.arm --relock\n"


@dataclass(frozen=True)
class Plan:
    """One tree as trees.toml wants it; the keys are explained there."""

    name: str
    debian: str
    qemu: str
    triplet: str
    cpu: str
    tags: list
    packages: list
    wheels: list
    links: dict
    network_differs: bool

    @property
    def debian_lock(self):
        return HERE / "locks" / f"{self.name}-debian.txt"

    @property
    def wheels_lock(self):
        return HERE / "locks" / f"{self.name}-wheels.txt"

    @property
    def cpuinfo(self):
        """A board's /proc/cpuinfo: the runtime reads it, and dies of an x86 one."""
        return HERE / f"{self.name}.cpuinfo"

    @property
    def key(self):
        """What the tree is kept under: it changes with the locks and with how trees are made."""
        parts = (self.debian_lock, self.wheels_lock, HERE / "trees.toml", HERE / "tree.py")
        return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:16]

    def locked_packages(self):
        """Names of Debian packages."""
        lines = self.debian_lock.read_text().splitlines()
        return [line for line in lines if not line.startswith("#")]


def plans():
    """{name: Plan} of trees.toml."""
    return {name: Plan(name, **keys) for name, keys in manifest.parse(HERE / "trees.toml").values.items()}


def lock(plan):
    """Ask Debian and the package index what a plan's packages are today, and write it down."""
    plan.debian_lock.parent.mkdir(exist_ok=True)
    plan.debian_lock.write_text(_HEADER + "".join(f"{name}\n" for name in closure(plan)))
    plan.wheels_lock.write_text(_HEADER + "".join(f"{line}\n" for line in hashed_wheels(plan)))


def closure(plan):
    """Names of a plan's Debian packages and all that they need, sorted: as apt would install them on nothing."""
    with tempfile.TemporaryDirectory() as folder:
        apt = _foreign_apt(plan, Path(folder))
        _run(*apt, "update")
        lines = _run(*apt, "install", "--simulate", *plan.packages).stdout.splitlines()
    return sorted({line.split()[1].partition(":")[0] for line in lines if line.startswith("Inst ")})


def _foreign_apt(plan, folder):
    """apt-get of another architecture, which knows of no installed package."""
    for part in ("state/lists/partial", "cache/archives/partial", "etc/preferences.d"):
        (folder / part).mkdir(parents=True)
    (folder / "etc" / "sources.list").write_text(f"deb [signed-by={KEYRING}] {debian.mirror()} {SUITE} main\n")
    settings = {"Dir::State": folder / "state", "Dir::State::status": "/dev/null", "Dir::Cache": folder / "cache",
                "Dir::Etc": folder / "etc", "APT::Architecture": plan.debian, "APT::Architectures": plan.debian,
                "APT::Install-Recommends": "false", "APT::Sandbox::User": "root"}
    return ("apt-get", "--quiet", *(f"-o{key}={value}" for key, value in settings.items()))


def mmdebstrap_options(plan, packages):
    """Unpacked packages without a second stage, of which nothing has run."""
    settings = ('Acquire::Retries "3"', 'APT::Install-Recommends "false"', 'Acquire::Languages "none"')
    return ("--variant=extract", f"--architectures={plan.debian}", f"--include={','.join(packages)}",
            *(f"--aptopt={setting}" for setting in settings))


def hashed_wheels(plan):
    """Requirement lines with hashes, of the newest wheels that fit."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as report:
        _run(sys.executable, "-m", "pip", "--quiet", "install", "--dry-run", "--report", report.name,
             *pip_options(plan, "/nowhere"), *plan.wheels)
        found = json.load(report)["install"]
    return sorted(f"{one['metadata']['name']}=={one['metadata']['version']}"
                  f" --hash=sha256:{one['download_info']['archive_info']['hashes']['sha256']}" for one in found)


def pip_options(plan, target):
    """For another machine and another Python than ours."""
    platforms = [f"--platform={tag}_{plan.name}" for tag in (*plan.tags, "manylinux2014")]
    return ("--no-deps", "--ignore-installed", "--no-compile", "--only-binary=:all:", f"--target={target}", *platforms,
            f"--python-version={PYTHON}", "--implementation=cp", "--abi=cp311", "--abi=abi3", "--abi=none")


def _run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{done.stderr.strip()}")
    return done
