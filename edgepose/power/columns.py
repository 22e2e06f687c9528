"""Lines of an external power meter: which column is the time, which the power, and in what units."""

from edgepose.errors import BoardError

#: Names of columns, lower case, and what a number in them is multiplied with to get s, W, V or A.
TIME = {"t": 1.0, "s": 1.0, "time": 1.0, "time_s": 1.0, "timestamp": 1.0, "seconds": 1.0, "time_ms": 1e-3, "ms": 1e-3}
POWER = {"w": 1.0, "power": 1.0, "power_w": 1.0, "watts": 1.0, "mw": 1e-3, "power_mw": 1e-3, "uw": 1e-6}
VOLTS = {"v": 1.0, "volt": 1.0, "volts": 1.0, "voltage": 1.0, "voltage_v": 1.0, "mv": 1e-3}
AMPERES = {"a": 1.0, "amp": 1.0, "amps": 1.0, "current": 1.0, "current_a": 1.0, "ma": 1e-3}


class Columns:
    """Reads lines of numbers whose names are known.

    Parameters
    ----------
    names : list of str, such as ["time_s", "power_w"]; units in brackets count as part of the name
    where : str, what to call the meter in messages

    Raises
    ------
    BoardError : there is no power among them, nor volts and amperes

    Attributes
    ----------
    has_time : bool
    """

    def __init__(self, names, where):
        plain = [name.strip().strip('"').lower().replace(" ", "_").replace("(", "").replace(")", "").replace("[", "")
                 .replace("]", "") for name in names]
        self._time, self._power = _place(plain, TIME), _place(plain, POWER)
        self._volts, self._amperes = _place(plain, VOLTS), _place(plain, AMPERES)
        self.has_time = self._time is not None
        if self._power is None and None in (self._volts, self._amperes):
            raise BoardError(f"{where}: columns {', '.join(names)} name no power; one must be called power_w, or two"
                             " volts and amps")

    def read(self, line):
        """(time in s or None, power in mW) of a line, or None where it is not one of numbers."""
        words = line.replace(";", ",").split(",") if "," in line or ";" in line else line.split()
        try:
            time_s = self._number(words, self._time) if self.has_time else None
            if self._power is not None:
                return time_s, self._number(words, self._power) * 1000
            return time_s, self._number(words, self._volts) * self._number(words, self._amperes) * 1000
        except (ValueError, IndexError):
            return None

    @staticmethod
    def _number(words, place):
        column, factor = place
        return float(words[column]) * factor


def _place(names, known):
    """(number of the first column that is known, factor of its unit), or None."""
    return next(((column, known[name]) for column, name in enumerate(names) if name in known), None)


def is_header(line):
    """Whether a line names columns instead of giving numbers."""
    words = line.replace(";", ",").replace(",", " ").split()
    return bool(words) and not any(_is_number(word) for word in words)


def _is_number(word):
    try:
        float(word)
    except ValueError:
        return False
    return True
