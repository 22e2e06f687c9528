"""Debian trees to install into, and wheels to install: made once, kept in the user's cache as long as the lists that
they are made of stay as they are."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path

from tests import debian
from tests.conftest import ROOT

SUITE, PYTHON, MACHINE = "bookworm", "3.11", "x86_64"
PORTS = ROOT / "ports"
LOCK = PORTS / "locks" / f"{PYTHON}-{MACHINE}-daemon.txt"
#: The user's own, not the one that tests are given (tests/conftest.py)
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgepose" / "install-tests"
#: Runs a command in a tree with the kernel's files and devices, which go when it ends.
ENTER = """mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --make-rslave "$0/dev" &&
exec chroot "$0" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@" """


def cache(name, *files):
    """A path in the user's cache that is another one when one of the files is."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE / f"{name}-{digest}"


def keep(path, make):
    """The path, after `make(part)` has made it where it was not there; what is interrupted is not kept."""
    if not path.exists():
        part = path.with_name(f"part-{path.name}")
        shutil.rmtree(part, ignore_errors=True)
        make(part)
        part.rename(path)
    return path


def base():
    """A minimal Debian with the packages of the list in apt's cache, not installed."""
    listed = subprocess.run([PORTS / "packages.sh", "amd64", "run", "service", "pip"], capture_output=True, text=True,
                            check=True).stdout.split()
    fetch = f'chroot "$1" apt-get -qq install --yes --no-install-recommends --download-only {" ".join(listed)}'

    def make(part):
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--dpkgopt=force-unsafe-io",
                        "--skip=cleanup/apt", f"--customize-hook={fetch}", SUITE, part, debian.mirror()], check=True)

    return keep(cache(SUITE, PORTS / "packages.txt", PORTS / "packages.sh"), make)


def locked_wheels():
    """A folder with the wheels of the lock."""
    platforms = [f"--platform=manylinux_2_{minor}_{MACHINE}" for minor in (36, 35, 34, 31, 28, 27, 17)]

    def make(part):
        subprocess.run([sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "--require-hashes",
                        "--only-binary=:all:", f"--python-version={PYTHON}", f"--platform=manylinux2014_{MACHINE}",
                        *platforms, "--dest", part, "--requirement", LOCK], check=True)

    return keep(cache("wheels", LOCK), make)


def build_wheel(folder):
    """edgepose's own wheel, of the checkout."""
    done = subprocess.run([sys.executable, PORTS / "build" / "wheel.py", MACHINE, "--out", folder], text=True,
                          stdout=subprocess.PIPE, check=True)
    return Path(done.stdout.split()[-1])


def renumber(wheel, version, broken=False):
    """A copy of a wheel that calls itself another version, and may be one whose command does not run."""
    old = wheel.name.split("-")[1]
    path = wheel.with_name(wheel.name.replace(f"-{old}-", f"-{version}-"))
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "edgepose/__init__.py" or name.endswith(("/METADATA", "/RECORD")):
                content = content.replace(old.encode(), version.encode())
            if broken and name == "edgepose/cli/__init__.py":
                content = b"raise SystemExit('this version is broken')\n"
            target.writestr(name.replace(f"edgepose-{old}.dist-info", f"edgepose-{version}.dist-info"), content)
    return path


class Tree:
    """A system below a folder.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path):
        self.path = path

    def __truediv__(self, name):
        return self.path / name

    @contextmanager
    def overlaid(self, folder):
        """Another one like it, in a folder; what is written to it goes when it is left."""
        parts = {name: folder / name for name in ("upperdir", "workdir", "tree")}
        for part in parts.values():
            part.mkdir(parents=True)
        options = f"lowerdir={self.path},upperdir={parts['upperdir']},workdir={parts['workdir']}"
        subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", parts["tree"]], check=True)
        try:
            yield Tree(parts["tree"])
        finally:
            subprocess.run(["umount", parts["tree"]], check=True)
            shutil.rmtree(folder)

    def run(self, *command, **environment):
        """Run a command inside; exit code and what it said."""
        words = ["env", *(f"{name}={value}" for name, value in environment.items()), *map(str, command)]
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "sh", "-c", ENTER, self.path, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400)
        return done.returncode, done.stdout

    def install(self, *options, wheels="/work/wheels"):
        """Run install.sh inside, without network for pip."""
        return self.run("/work/ports/install.sh", *options, PIP_NO_INDEX="1", PIP_FIND_LINKS=wheels)

    def listing(self):
        """Every path with its size and time, but for what the kernel and Python's own caches change."""
        done = subprocess.run(["find", ".", "-xdev", "-not", "-path", "./run/*", "-not", "-path", "./tmp*", "-not",
                               "-path", "./var/cache/edgepose/*", "-not", "-type", "d", "-printf", "%p %s %T@ %l\n"],
                              cwd=self.path, capture_output=True, text=True, check=True)
        return sorted(done.stdout.splitlines())
