"""Runs a program in a tree, with the checkout mounted beside it. All mounts live in namespaces of that run's own, and
end with its last process, however that ends.

    python -m tests.arm.stage JOB      # inside the namespaces: mounts, changes root, runs; Stage.run starts it
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.arm import emulator
from tests.arm.errors import Missing

ROOT = Path(__file__).resolve().parent.parent.parent
#: Parts of the checkout that tests read; `edgepose` itself is the wheel's.
PARTS = ("tests", "benchmarks", "docs", "models", "ports", "README.md", "CHANGELOG.md", "LICENSE", "setup.cfg",
         "setup.py", "pyproject.toml", "MANIFEST.in")
WRITABLE = ("edgepose", "out")  # /out, and the unpacked wheel, where Python keeps what it compiles
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root", "LANG": "C.UTF-8",
               "OPENBLAS_NUM_THREADS": "1", "EDGEPOSE_DATA": "/data"}


@dataclass(frozen=True)
class Stage:
    """Where programs run.

    Attributes
    ----------
    plan : locks.Plan
    tree : Path, its finished tree
    package : Path, folder with the unpacked wheel
    out : Path, folder that programs may write to, /out to them
    data : Path of real pictures and clips, or None
    cpu : str, qemu's name of a processor
    """

    plan: object
    tree: Path
    package: Path
    out: Path
    data: Path
    cpu: str

    def run(self, *command, log, timeout_s=900):
        """Exit code of a program run in /src, its output in the file `log`; 124 where it took too long."""
        job = {"tree": str(self.tree), "mounts": self._mounts(), "command": command,
               "registration": emulator.registration(self.plan),
               "environment": {**ENVIRONMENT, "QEMU_CPU": self.cpu}}
        own = ["--user", "--map-root-user"] if emulator.has_private_registrations() else []
        unshare = ["unshare", *own, "--mount", "--pid", "--fork", "--kill-child"]
        with open(log, "w") as file, subprocess.Popen(
                [*unshare, sys.executable, "-m", "tests.arm.stage", json.dumps(job)], cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT) as process:
            try:
                return process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                return 124
            finally:
                process.kill()  # and with it every process in there

    def compile(self, command):
        """Run a command that prepares the tree itself, which may be written to; Missing where it fails."""
        with emulator.Registered(self.plan):
            code = self.run(*command, log=self.out / "compile.log")
        if code:
            said = " ".join((self.out / "compile.log").read_text().split())
            raise Missing(f"{self.plan.name}: its Python does not start: {said[-300:]}")

    def _mounts(self):
        """(source, target) pairs."""
        parts = [(ROOT / part, f"src/{part}") for part in PARTS if (ROOT / part).exists()]
        data = [(self.data, "data")] if self.data else []
        own = [(self.package / "edgepose", "src/edgepose"), (self.out, "out"), (self.plan.cpuinfo, "proc/cpuinfo")]
        return [(str(source), target) for source, target in (*own, *parts, *data)]


def main():
    """Mount, change root, run."""
    job = json.loads(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tree = Path(job["tree"])
    _mount("--make-rprivate", "/")
    if emulator.has_private_registrations():
        _mount("-t", "binfmt_misc", "none", emulator.BINFMT)
        (emulator.BINFMT / "register").write_text(job["registration"])
    _mount_world(tree)
    for source, target in job["mounts"]:
        _mount_part(Path(source), tree / target)
    sys.exit(subprocess.run(job["command"], env=job["environment"], preexec_fn=lambda: _enter(tree)).returncode % 256)


def _mount_world(tree):
    """What every Linux has."""
    _mount("-t", "proc", "proc", tree / "proc")
    for name in ("dev", "sys"):
        _mount("--rbind", f"/{name}", tree / name)
    for name in ("tmp", "src", "root"):
        _mount("-t", "tmpfs", "none", tree / name)


def _mount_part(source, target):
    """A file or folder, read-only but for this run's own."""
    if not target.exists():
        target.mkdir() if source.is_dir() else target.touch()
    _mount("--bind", *(() if target.name in WRITABLE else ("-o", "ro")), source, target)


def _mount(*options):
    subprocess.run(["mount", *map(str, options)], check=True)


def _enter(tree):
    os.chroot(tree)
    os.chdir("/src")


if __name__ == "__main__":
    main()
