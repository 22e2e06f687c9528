"""An external power meter whose readings another program writes to a CSV file with time stamps.

`csv:meter.csv`: the first line names the columns; there must be a time, and a power or volts and amperes. The meter's
clock is its own: `pulse` finds by how much it differs from ours.
"""

import os

import numpy as np

from edgepose.errors import BoardError, ConfigError
from edgepose.power.columns import Columns, is_header


def open_meter(spec):
    """The reader of a spec such as `csv:meter.csv`. ConfigError where no file can be there."""
    path = spec.partition(":")[2]
    if not path or not os.path.isdir(os.path.dirname(path) or "."):
        raise ConfigError(f"--power {spec}: no such folder; it takes csv:FILE, which another program writes meanwhile")
    return CsvMeter(path)


class CsvMeter:
    """The readings in a file, all at once, when the run is over.

    Parameters
    ----------
    path : of the file; it may come into being while the run goes on
    """

    kind = "power"

    def __init__(self, path):
        self.name, self.covers, self._path = f"meter {path}", "whatever the external meter is wired to", path

    def readings(self):
        """(float64 s by the meter's clock, float64 mW), in order of time.

        Raises
        ------
        BoardError : no file, no header, no column of time or of power, fewer than two readings
        """
        header, *lines = self._lines()
        if not is_header(header):
            raise BoardError(f"{self._path}: the first line must name the columns, such as time_s,power_w")
        columns = Columns(header.replace(";", ",").split(","), self._path)
        if not columns.has_time:
            raise BoardError(f"{self._path}: columns {header} name no time; one must be called time_s")
        found = np.array([reading for reading in map(columns.read, lines) if reading], float)
        if len(found) < 2:
            raise BoardError(f"{self._path}: fewer than two readings")
        found = found[np.argsort(found[:, 0], kind="stable")]
        return found[:, 0], found[:, 1]

    def _lines(self):
        try:
            with open(self._path, encoding="utf-8-sig", errors="replace") as file:
                lines = [line.strip() for line in file if line.strip()]
        except OSError as error:
            raise BoardError(f"{self._path}: {error.strerror}") from error
        if not lines:
            raise BoardError(f"{self._path}: is empty")
        return lines

    def close(self):
        """Nothing is held open."""

    def __repr__(self):
        return f"<CsvMeter {self._path}>"
