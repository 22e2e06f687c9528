"""A TOML file and all that is wrong with it."""

import difflib
import json
import os
import re
from pathlib import Path

from edgepose.errors import ConfigError, first_line
from edgepose.toml.places import Places

MOST_BYTES = 1 << 20  # no config is as long; what was named by mistake may be
_WHERE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def load_toml(text):
    """The values in a TOML text; ValueError where it is none."""
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib
    return tomllib.loads(text)


def read_text(path, way_out=""):
    """A file's text with its line ends as they are; ConfigError, with a way out, where it cannot be read."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # a zero byte in its name is a ValueError
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}{way_out}") from error
    if len(data) > MOST_BYTES:
        raise ConfigError(f"{path}:1: is longer than {MOST_BYTES} bytes; it takes a TOML file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: byte {data[error.start]:#x} is not UTF-8; save it as UTF-8") from error


class Document:
    """A TOML text, and the faults that are found in it.

    Parameters
    ----------
    path : str or Path, for messages, and for the folder that names of files in it start from
    text : str

    Attributes
    ----------
    folder : str, absolute, that the file is in
    warnings : list of str, a line each

    Raises
    ------
    ConfigError : it is no TOML
    """

    def __init__(self, path, text):
        self.path, self.text, self._faults, self.warnings = Path(path), text, [], []
        self.folder = os.path.dirname(os.path.abspath(path))
        try:
            self.values, self.places = load_toml(text), Places(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError(_syntax_fault(path, text, error)) from None  # the cause would show what stands there

    @property
    def root(self):
        """The Table that all others are in."""
        return Table(self, self.values)

    @property
    def n_faults(self):
        """How many have been found."""
        return len(self._faults)

    def fault(self, line, where, text):
        """Note that something is wrong."""
        self._faults.append((line, f"{where}: {text}"))

    def warn(self, line, where, text):
        """Note something that works, but should not stay so."""
        self.warnings.append(f"{self.path}:{line}: {where}: {text}")

    def check(self, with_lines=True):
        """Raise ConfigError with all faults, a line each, in the order of the file."""
        if self._faults:
            raise ConfigError("\n".join(f"{self.path}:{line}: {text}" if with_lines else text
                                        for line, text in sorted(self._faults)))


def _syntax_fault(path, text, error):
    """The one line about a text that is no TOML."""
    message, found = first_line(error), _WHERE.search(first_line(error))
    if isinstance(error, RecursionError):
        message = "arrays are nested too deep"
    if found is None:  # a number or an array beyond all measure
        line = _longest_line(text)
    else:
        line = found["line"] or len(text.splitlines()) or 1
        place = f" at column {found['column']}" if found["column"] else ", and there the file ends"
        message = _WHERE.sub(place, message)
    return f"{path}:{line}: not TOML: {message}"


def _longest_line(text):
    lines = text.split("\n")
    return 1 + max(range(len(lines)), key=lambda n: len(lines[n]))


class Table:
    """A table of a Document.

    Parameters
    ----------
    document : Document
    values : dict
    path : tuple, of keys and numbers, that leads to it
    title : str, what people call it
    """

    def __init__(self, document, values, path=(), title=""):
        self.document, self.values, self.path, self.title = document, values, path, title

    def fault(self, key, text, *deeper):
        """Note that the value of a key, or of something deeper in it, is wrong."""
        self.document.fault(self.line(key, *deeper), self._called(key, deeper), text)

    def warn(self, key, text):
        """Note something about a key that works, but should not stay so."""
        self.document.warn(self.line(key), self._called(key, ()), text)

    def line(self, key, *deeper):
        """The line of a key, or of something deeper in its value; the table's own where there is none."""
        path = self.path + ((key,) if key else ()) + deeper
        return self.document.places.line(path) if deeper else self.document.places.key_line(path)

    def _called(self, key, deeper):
        """What people call the value of a key: `camera.pool.zone.deck.points[2]`; counted from 1."""
        name = ".".join(part for part in (self.title, key) if part)
        return name + "".join(f"[{n + 1}]" for n in deeper)

    def has(self, key):
        """Whether the key is there."""
        return key in self.values

    def table(self, key):
        """The Table of a key; an empty one where it is missing or no table."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.fault(key, f"is {brief(value)}; it takes one table, [{self._kind(key)}]")
            value = {}
        return Table(self.document, value, self.path + (key,), self._called(key, ()))

    def tables(self, key):
        """The Tables of a key that takes [[key]], titled by their names where they have some."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.fault(key, f"is {brief(values)}; it takes tables, each under [[{self._kind(key)}]]")
            return []
        return [self._entry(key, n, value) for n, value in enumerate(values)]

    def _entry(self, key, n, value):
        name = value.get("name")
        title = f".{name}" if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 48 else f"[{n + 1}]"
        return Table(self.document, value, self.path + (key, n), self._called(key, ()) + title)

    def _kind(self, key):
        """The name of a key with those of the tables around it."""
        return ".".join(part for part in (*self.path, key) if isinstance(part, str))


def brief(value):
    """A value as TOML has it, near enough, and short enough for a message."""
    try:
        text = json.dumps(value, default=str)
    except (ValueError, RecursionError):  # Python writes no whole number of more than 4300 digits
        return "beyond all measure"
    return text if len(text) <= 40 else text[:37] + "..."


def near(name, names):
    """` (did you mean 'x'?)` where one of the names is near, else nothing."""
    found = difflib.get_close_matches(str(name), [str(other) for other in names], n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""
