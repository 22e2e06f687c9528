"""Qemu's user emulators: what must be there, and how the kernel is told to start ARM programs with them."""

import os
import shutil
from pathlib import Path

from tests.arm.errors import Missing

BINFMT = Path("/proc/sys/fs/binfmt_misc")
REGISTRATIONS = Path("/usr/lib/binfmt.d")
NEEDED = {"mmdebstrap": "mmdebstrap", "unshare": "util-linux", "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
          "arm-linux-gnueabihf-gcc": "gcc-arm-linux-gnueabihf", "qemu-aarch64-static": "qemu-user-static"}


def check():
    """Missing, where a run cannot begin."""
    lacking = sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
    if lacking:
        raise Missing(f"not installed: {', '.join(lacking)}; apt-get install {' '.join(lacking)}")
    if os.geteuid() != 0:
        raise Missing("chroot and mounts need root; run it with sudo")


def registration(plan):
    """The line that the kernel takes; its F keeps the emulator open, so it works inside a chroot."""
    file = REGISTRATIONS / f"{plan.qemu}.conf"
    if not file.is_file():
        raise Missing(f"no {file}; apt-get install qemu-user-static")
    return file.read_text().strip()


def has_private_registrations():
    """Whether a user namespace may have registrations of its own: Linux 6.7 and newer."""
    release = os.uname().release.split(".")
    return (int(release[0]), int(release[1].partition("-")[0])) >= (6, 7)


class Registered:
    """Until it exits, the whole machine starts a plan's programs with qemu; for older kernels, as root."""

    def __init__(self, plan):
        self._plan, self._is_ours, self._is_mounted = plan, False, False

    def __enter__(self):
        if has_private_registrations():
            return
        if not (BINFMT / "register").exists():
            self._is_mounted = os.system(f"mount -t binfmt_misc binfmt_misc {BINFMT}") == 0
        if not (BINFMT / "register").exists():
            raise Missing("this kernel cannot be told about qemu (binfmt_misc); modprobe binfmt_misc")
        if not (BINFMT / self._plan.qemu).exists():
            (BINFMT / "register").write_text(registration(self._plan))
            self._is_ours = True

    def __exit__(self, *_):
        if self._is_ours:
            (BINFMT / self._plan.qemu).write_text("-1")
        if self._is_mounted:
            os.system(f"umount {BINFMT}")
