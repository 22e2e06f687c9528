"""Starts a measuring process and waits for what it has to say."""

import json
import os
import select
import subprocess
import sys
from dataclasses import asdict
from time import monotonic_ns

from edgepose import errors
from edgepose.errors import BackendError, EdgePoseError

_PATIENCE_S = 60.0  # for loading, and for what a slow machine takes longer than it was told to


class Child:
    """One measuring process.

    Parameters
    ----------
    task : plan.Task

    Attributes
    ----------
    pid : int
    spawned_ns : int, monotonic ns, the moment before the process began
    """

    def __init__(self, task):
        self._task = task
        self._read_fd, write_fd = os.pipe()
        command = [sys.executable, "-m", "edgepose.bench.worker", str(write_fd), json.dumps(asdict(task))]
        self.spawned_ns = monotonic_ns()
        try:  # in a session of its own: Ctrl-C is ours to pass on
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                             pass_fds=(write_fd,), start_new_session=True)
        finally:
            os.close(write_fd)
        self.pid, self._parts = self._process.pid, []

    def wait(self, tick, period_s=0.2):
        """The process's outcome, with `spawned_ns` in it.

        Parameters
        ----------
        tick : callable without arguments, called about every `period_s` seconds while it runs

        Raises
        ------
        EdgePoseError : the one that the process met; BackendError where it died
        """
        deadline_s = self._task.warm_up_s + self._task.seconds + _PATIENCE_S
        deadline_ns = self.spawned_ns + deadline_s * 1e9
        while True:
            if select.select([self._read_fd], [], [], period_s)[0]:
                part = os.read(self._read_fd, 1 << 20)
                if not part:
                    break
                self._parts.append(part)
            elif monotonic_ns() > deadline_ns:
                self._process.kill()
                raise BackendError(f"{self._task.cell.name}: no result after {deadline_s:.0f} s; gave up")
            tick()
        self._process.wait()
        return self._read(b"".join(self._parts))

    def _read(self, data):
        if not data:
            code = self._process.returncode
            raise BackendError(f"{self._task.cell.name}: the measuring process "
                               + (f"was ended by signal {-code}" if code < 0 else f"broke off with code {code}"))
        outcome = json.loads(data)
        if "error" in outcome:
            raise _error(outcome)
        return outcome | {"spawned_ns": self.spawned_ns}

    def stop(self):
        """Ask the process to end now and to hand over what it has; `wait` gets it."""
        self._process.terminate()

    def close(self):
        """End the process, however far it is. Twice is fine."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._read_fd is not None:
            os.close(self._read_fd)
            self._read_fd = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _error(outcome):
    """The error of a process, as its own class."""
    kind = getattr(errors, outcome["kind"], None) or (KeyboardInterrupt if outcome["kind"] == "KeyboardInterrupt"
                                                      else EdgePoseError)
    return kind(outcome["error"])
