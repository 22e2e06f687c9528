"""Checks in processes of their own, side by side: a runtime that dies there takes no finding but its own along."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import edgepose

_PATIENCE_S = 120
#: Before a finding on standard output, where runtimes print too
MARK = "@edgepose finding "


class Apart:
    """A check that has begun elsewhere.

    Parameters
    ----------
    name : str, of the check
    broken : callable of text and advice, makes the finding where it dies
    """

    def __init__(self, name, broken):
        self._broken = broken
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "edgepose.doctor", name], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", env=_environment())
        except OSError:  # no process can be started, as under an emulator: here, then
            self._process = None

    def finding(self, here):
        """What came of it; `here`, a callable, is asked where no process could be started."""
        if self._process is None:
            return here()
        try:
            out, err = self._process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return self._broken(f"no answer within {_PATIENCE_S} s", "reinstall the package; a driver may hang")
        told = [line.partition(MARK)[2] for line in out.split("\n") if MARK in line]
        return json.loads(told[-1]) if told else self._broken(_last_words(self._process.returncode, err), _REMEDY)


_REMEDY = "reinstall the package, of this architecture and for this CPU; pip list shows its version"


def _environment():
    """Ours, and the package that runs now is found first."""
    paths = [str(Path(edgepose.__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _last_words(code, err):
    """What a process that gave no finding died of."""
    line = (err.strip().splitlines() or ["without a word"])[-1]
    if code < 0:
        names = {number.value: number.name for number in signal.Signals}
        return f"dies as it is loaded ({names.get(-code, -code)}): {line}"
    return f"ends with exit code {code}: {line}"
