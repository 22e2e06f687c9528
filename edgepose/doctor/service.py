"""The daemon as a service of systemd."""

import shutil
import subprocess

from edgepose.doctor.finding import good, warn
from edgepose.doctor.identity import value

LOG = "journalctl -u edgepose -n 20 says why"
_KEYS = "LoadState,ActiveState,SubState,NRestarts,UnitFileState"


def examine(place):
    """The state of the unit, if there is one."""
    if shutil.which("systemctl") is None:
        return good("no systemd here")
    done = subprocess.run(["systemctl", "show", "edgepose", "--no-pager", "--property", _KEYS], capture_output=True,
                          text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=5)
    if done.returncode:
        return good("systemd does not run here")
    return judge(*(value(done.stdout, key, "=") or "" for key in _KEYS.split(",")))


def judge(load, active, sub, restarts, enabled):
    """The finding of what systemctl says of a unit; all of them str."""
    if load in ("", "not-found"):
        return good("not installed; ports/README.md says how")
    text = f"{active} ({sub}), {enabled or 'not enabled'}, restarted {restarts or 0} times"
    if active == "active" and enabled == "enabled":
        return good(text)
    if active in ("failed", "activating"):
        return warn(text, LOG)
    return warn(text, "sudo systemctl enable --now edgepose")
