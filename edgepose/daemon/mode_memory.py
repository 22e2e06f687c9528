"""Remembers a mode that was set by hand, so that a power cut does not switch alarms on or off."""

import json
import logging
from datetime import datetime
from pathlib import Path

from edgepose import cache
from edgepose.errors import ConfigError

log = logging.getLogger(__name__)


class ModeMemory:
    """A small file with the mode, who set it and when.

    Parameters
    ----------
    path : Path

    Notes
    -----
    Losing it is no fault: the mode is then what the schedule, or `initial`, says.
    """

    def __init__(self, path):
        self._path = Path(path)

    def keep(self, modes):
        """Write down the mode of Modes; a disk that takes nothing is said and borne."""
        kept = {"mode": modes.mode, "by": modes.by, "since": modes.since.isoformat()}
        try:
            cache.write(self._path, json.dumps(kept).encode())
        except OSError as error:
            log.warning("%s: cannot be written: %s; the next start will not know the mode", self._path, error.strerror)

    def restore(self, modes):
        """Modes, switched back to what was set by hand, unless the schedule has switched since; the same Modes."""
        try:
            kept = json.loads(self._path.read_text())
            since = datetime.fromisoformat(kept["since"])
            if modes.switched is None or since > modes.switched:
                modes.set(kept["mode"], kept["by"])
                modes.since = since
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, ConfigError) as error:
            log.warning("%s: is left aside: %s", self._path, error)
        return modes
