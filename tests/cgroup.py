"""A control group that limits the memory of a process, of either version of the kernel's interface.

    python -m tests.cgroup MB COMMAND...

runs a command within so many megabytes and says what it took.
"""

import itertools
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
SAMPLE_S = 0.05
_numbers = itertools.count()


class Unavailable(OSError):
    """This process may not make a control group with a memory limit; the text says why."""


@contextmanager
def limited(limit_bytes):
    """A Group for the time of a `with`; all that runs in it is killed in the end."""
    found = [kind for kind in (Version1, Version2) if kind.is_here()]
    if not found:
        raise Unavailable(f"no memory control groups at {ROOT}")
    group = found[0](limit_bytes)
    try:
        yield group
    finally:
        group.close()


class Group:
    """Processes that may take so much memory together.

    Parameters
    ----------
    limit_bytes : int, of anonymous memory, pages of files and what the kernel keeps for them; no swap

    Attributes
    ----------
    peak_bytes : int, the most that was resident in its processes together, files too: of those that others had read
        before, the group pays nothing, but a board would
    """

    def __init__(self, limit_bytes):
        self.folder = self.parent() / f"edgepose-{os.getpid()}-{next(_numbers)}"
        try:
            self.folder.mkdir()
            self._set_limit(limit_bytes)
        except OSError as error:
            self._remove()
            raise Unavailable(f"no memory control group can be made: {error}") from error
        self.peak_bytes, self._stop = 0, threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()

    def start(self, command, **options):
        """subprocess.Popen of a command that is in the group before it begins."""
        enter = ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.folder / "cgroup.procs")]
        return subprocess.Popen([*enter, *map(str, command)], **options)

    def _sample(self):
        while not self._stop.wait(SAMPLE_S):
            self.peak_bytes = max(self.peak_bytes, sum(map(_peak_bytes, self._read("cgroup.procs").split())))

    def close(self):
        """Kill what is left in it, and remove it."""
        self._stop.set()
        self._sampler.join()
        for pid in self._read("cgroup.procs").split():
            os.kill(int(pid), 9)
        self._remove()

    def _remove(self):
        for _ in range(100):
            try:
                return self.folder.rmdir()
            except FileNotFoundError:
                return None
            except OSError:
                threading.Event().wait(SAMPLE_S)  # the kernel is still ending somebody
        return None

    def _read(self, name):
        return (self.folder / name).read_text()

    def _table(self, name):
        return {key: int(value) for key, value in (line.split() for line in self._read(name).splitlines())}

    def _write(self, name, value, optional=False):
        if not optional or (self.folder / name).exists():
            (self.folder / name).write_text(str(value))


class Version1(Group):
    """A group of the memory controller's own tree."""

    @staticmethod
    def parent():
        return ROOT / "memory"

    @classmethod
    def is_here(cls):
        return (cls.parent() / "memory.limit_in_bytes").exists()

    def _set_limit(self, limit_bytes):
        self._write("memory.limit_in_bytes", limit_bytes)
        self._write("memory.memsw.limit_in_bytes", limit_bytes, optional=True)

    @property
    def n_killed(self):
        """Processes that were killed because of the limit."""
        return self._table("memory.oom_control")["oom_kill"]

    @property
    def n_pushed(self):
        """How often the limit was met; pages of files that nobody uses had to go then."""
        return sum(int(file.read_text()) for file in self.folder.glob("memory.*failcnt") if "kmem" not in file.name)


class Version2(Group):
    """A group of the unified tree."""

    @staticmethod
    def parent():
        return ROOT

    @classmethod
    def is_here(cls):
        file = ROOT / "cgroup.subtree_control"
        return file.exists() and "memory" in file.read_text().split()

    def _set_limit(self, limit_bytes):
        self._write("memory.max", limit_bytes)
        self._write("memory.swap.max", 0, optional=True)

    @property
    def n_killed(self):
        """Processes that were killed because of the limit."""
        return self._table("memory.events")["oom_kill"]

    @property
    def n_pushed(self):
        """How often the limit was met; pages of files that nobody uses had to go then."""
        return self._table("memory.events")["max"]


def _peak_bytes(pid):
    """The most that was resident in a process so far."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0  # it has ended
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def main():
    """Run a command within a limit."""
    with limited(int(sys.argv[1]) * 1_000_000) as group:
        code = group.start(sys.argv[2:]).wait()
        print(f"exit code {code}; {group.peak_bytes / 1e6:.0f} MB at most, limit met {group.n_pushed} times,"
              f" {group.n_killed} killed", file=sys.stderr)
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
