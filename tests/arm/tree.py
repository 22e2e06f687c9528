"""Builds a tree of another architecture in the cache: Debian's packages unpacked, wheels beside them, all compiled."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import debian
from tests.arm import locks
from tests.arm.errors import Missing

MERGED_USR = "/usr/share/mmdebstrap/hooks/merged-usr"
SITE = "usr/local/lib/python3.11/dist-packages"
#: What the packages' own scripts, which never run here, would have written
FILES = {"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
         "etc/group": "root:x:0:\nnogroup:x:65534:\n", "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n"}
FOLDERS = ("dev", "proc", "sys", "tmp", "root", "src", "data", "out")


def cache():
    """Where trees are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgepose-arm"


def find(plan):
    """The finished tree of a plan, or None."""
    home = cache() / plan.key
    return home if home.is_dir() else None


def build(plan, compile_all):
    """Make the tree of a plan and give its folder; older trees of the same name go.

    Parameters
    ----------
    plan : locks.Plan
    compile_all : callable of a folder, runs Python's compileall in the tree
    """
    home, part = cache() / plan.key, cache() / f"{plan.key}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    _unpack(plan, part)
    _install(plan, part)
    _finish(plan, part)
    compile_all(part)
    _forget_others(plan)
    part.rename(home)
    return home


def _unpack(plan, root):
    options = locks.mmdebstrap_options(plan, plan.locked_packages())
    _run("Debian's packages cannot be had", "mmdebstrap", "--quiet", "--mode=root", f"--hook-dir={MERGED_USR}",
         *options, locks.SUITE, root, f"deb {_mirror()} {locks.SUITE} main")


def _mirror():
    try:
        return debian.mirror()
    except OSError as error:
        raise Missing(f"Debian's packages cannot be had: {error}") from error


def _install(plan, root):
    _run("wheels cannot be had", sys.executable, "-m", "pip", "--quiet", "install", "--require-hashes",
         *locks.pip_options(plan, root / SITE), "--requirement", plan.wheels_lock)


def _finish(plan, root):
    """Folders to mount on, and what packages make when they are set up."""
    for folder in FOLDERS:
        (root / folder).mkdir(exist_ok=True)
    for name, text in FILES.items():
        (root / name).write_text(text)
    for name, target in plan.links.items():
        (root / "usr/lib" / plan.triplet / name).symlink_to(target)
    (root / "name").write_text(plan.name)


def _forget_others(plan):
    for other in cache().iterdir():
        if other.suffix != ".part" and (other / "name").is_file() and (other / "name").read_text() == plan.name:
            shutil.rmtree(other)


def _run(what, *command):
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()] or ["no word why"]
        reason = next((line for line in lines if line.startswith(("E:", "ERROR:"))), lines[-1])
        raise Missing(f"{what}: {reason}; is the network up?")
