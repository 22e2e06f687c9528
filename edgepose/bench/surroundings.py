"""Everything about this machine that a number depends on."""

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

import edgepose
from edgepose import backends, board, machine

_PACKAGES = ("numpy", "av", "pillow")
_ARM = ("aarch64", "armv7l", "armv8l", "armv6l")
_VENDORS = ("QEMU", "VMware", "Xen", "innotek", "VirtualBox", "Amazon EC2", "Google", "Parallels")


def describe(vitals):
    """{what: value} of machine, kernel, packages and edgepose, as JSON holds it.

    Parameters
    ----------
    vitals : Vitals
    """
    return {"name": machine.name(), "board": _board(board.detect()), "architecture": board.machine_of(),
            "cores": os.cpu_count(), "usable_cores": machine.n_usable_cores(), "memory_bytes": _memory_bytes(),
            "virtual": is_virtual(), "emulated": is_emulated(), "kernel": platform.release(), "system": _system(),
            "governors": vitals.governors(), "highest_mhz": sorted({khz // 1000 for khz in vitals.limits_khz()}),
            "python": platform.python_version(), "packages": packages(), "edgepose": edgepose.__version__,
            "commit": commit(), "priority": _priority()}


def _board(here):
    return {"name": here.name, "title": here.title, "tier": here.tier, "generic": here.generic}


def packages():
    """{package: version} of what the pipeline runs on and is installed."""
    names = [*_PACKAGES, *(package for name in backends.AUTOMATIC for _, package in backends.packages(name))]
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def commit():
    """The commit of the checkout that runs, "+" behind it where files were changed; None for an installed package."""
    folder = Path(edgepose.__file__).resolve().parent.parent
    if not (folder / ".git").exists():
        return None
    head, changed = _git(folder, "rev-parse", "--short=12", "HEAD"), _git(folder, "status", "--porcelain", "-uno")
    return head and head + ("+" if changed else "")


def _git(folder, *arguments):
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def is_virtual():
    """Whether this is somebody's guest, as far as it can tell."""
    try:
        if " hypervisor" in machine.CPU.read_text(errors="replace"):
            return True
        vendor = Path("/sys/class/dmi/id/sys_vendor").read_text(errors="replace")
    except OSError:
        return Path("/proc/device-tree/hypervisor").exists()
    return any(name in vendor for name in _VENDORS)


def is_emulated(root="/"):
    """Whether a program stands for the processor, as `qemu-user` does: the kernel's own files are of another one."""
    kernel = board.read_text(Path(root) / "proc/sys/kernel/arch")
    is_arm = board.machine_of(root) in _ARM
    if kernel is None:  # Linux before 6.1; of x86 alone there is microcode
        return is_arm and (Path(root) / "sys/devices/system/cpu/cpu0/microcode").exists()
    return (kernel in _ARM) != is_arm


def _system():
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", sys.platform)
    except OSError:
        return sys.platform


def _memory_bytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _priority():
    """The scheduler's class of this process, which the measuring ones inherit."""
    if not hasattr(os, "sched_getscheduler"):
        return "unknown"
    names = {os.SCHED_OTHER: "other", os.SCHED_FIFO: "fifo", os.SCHED_RR: "round-robin"}
    return names.get(os.sched_getscheduler(0), "unknown")
