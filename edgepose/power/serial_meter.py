"""An external power meter on a serial line: one line of text a reading.

`serial:/dev/ttyUSB0?baud=115200&columns=volts,amps`; without `columns` a line that names them comes first, or every
line is one number, the power in W.
"""

import os
import select
import termios
import threading
from time import monotonic_ns

from edgepose.errors import BoardError, ConfigError, SourceError
from edgepose.power.columns import Columns, is_header
from edgepose.sources.address import split_parameters

_FIRST_READING_S = 5.0
_SILENCE_NS = 5_000_000_000
_LONGEST_LINE = 4096
_LOOK_S = 0.2  # how long closing may take


def open_meter(spec):
    """The reader of a spec such as `serial:/dev/ttyUSB0?baud=9600`. ConfigError, BoardError."""
    try:
        path, given = split_parameters(spec.partition(":")[2], {"baud": int, "columns": str})
    except SourceError as error:
        raise ConfigError(f"--power {error}") from error
    return SerialMeter(path, given.get("baud", 115200), given.get("columns"))


class SerialMeter:
    """The latest reading of a meter, mW; a thread takes the lines in as they come.

    Parameters
    ----------
    path : of the serial line; a pseudo-terminal will do
    baud : int, bits per second
    columns : str, comma-separated names, or None

    Raises
    ------
    BoardError : the line cannot be opened, or no reading comes within 5 s
    ConfigError : the speed is none that the line knows
    """

    kind, period_ns = "power", 20_000_000

    def __init__(self, path, baud=115200, columns=None):
        self.name, self.covers = f"meter {path}", "whatever the external meter is wired to"
        self._columns = Columns(columns.split(","), path) if columns else None
        self._path, self._fault, self._latest, self._stopped = path, "", None, False
        self._has_news = threading.Event()
        self._fd = _open(path, baud)
        self._thread = threading.Thread(target=self._listen, name="edgepose-meter", daemon=True)
        self._thread.start()
        if not self._has_news.wait(_FIRST_READING_S) or self._latest is None:
            self.close()
            raise BoardError(self._fault or f"{path}: no reading came within {_FIRST_READING_S:.0f} s; is it {baud}"
                             " baud, and does each line hold numbers?")

    def read(self):
        """The latest reading, mW; BoardError when the line is gone or silent."""
        t_ns, mw = self._latest
        if self._fault or monotonic_ns() - t_ns > _SILENCE_NS:
            raise BoardError(self._fault or f"{self._path}: nothing has come for {_SILENCE_NS / 1e9:.0f} s")
        return round(mw)

    def _listen(self):
        pending = b""
        try:
            while not self._stopped:
                if not select.select([self._fd], [], [], _LOOK_S)[0]:
                    continue
                part = os.read(self._fd, 256)
                if not part:
                    raise OSError(0, "the line has ended")
                *lines, pending = (pending + part).split(b"\n")
                pending = pending[-_LONGEST_LINE:]
                for line in lines:
                    self._take(line.decode("ascii", "replace").strip())
        except BoardError as error:
            self._give_up(str(error))
        except OSError as error:
            self._give_up(f"{self._path}: {error.strerror}")

    def _give_up(self, fault):
        self._fault = fault
        self._has_news.set()

    def _take(self, line):
        """One line: the names of the columns, a reading, or noise."""
        if self._columns is None and line:
            self._columns = Columns(line.replace(";", ",").split(",") if is_header(line) else ["power_w"], self._path)
        reading = self._columns.read(line) if self._columns else None
        if reading:
            self._latest = monotonic_ns(), reading[1]
            self._has_news.set()

    def close(self):
        """Let go of the line. Twice is fine."""
        self._stopped = True
        self._thread.join()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __repr__(self):
        return f"<SerialMeter {self._path}>"


def _open(path, baud):
    """The descriptor of a line at a speed, raw: no echo, no translation."""
    speed = getattr(termios, f"B{baud}", None)
    if speed is None:
        raise ConfigError(f"{path}: {baud} baud is none that a serial line knows; 9600 and 115200 are common")
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOCTTY)
    except OSError as error:
        raise BoardError(f"{path}: {error.strerror}; is the meter plugged in, and are you in the group dialout?"
                         ) from error
    if os.isatty(fd):
        flags = termios.tcgetattr(fd)
        flags[0] = flags[1] = flags[3] = 0
        flags[2] = termios.CS8 | termios.CREAD | termios.CLOCAL
        flags[4] = flags[5] = speed
        flags[6][termios.VMIN], flags[6][termios.VTIME] = 1, 0
        termios.tcsetattr(fd, termios.TCSANOW, flags)
    return fd
