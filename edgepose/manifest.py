"""A manifest as a table whose faults name the file and the key."""

from edgepose.errors import ModelError

_KIND_NAMES = {str: "string", int: "whole number", float: "number", dict: "table", list: "list"}


def parse(path):
    """The Table of a TOML file; ModelError when it is not readable."""
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib
    try:
        return Table(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: not a readable manifest: {error}") from error


class Table:
    """A TOML table that knows where it stands, so that a fault can name file and key."""

    def __init__(self, path, values, prefix=""):
        self.path, self.values, self.prefix = path, values, prefix

    def get(self, key, kind):
        """The value of a key; ModelError when it is missing or not of the kind."""
        where = f"{self.path}: {self.prefix}{key}"
        if key not in self.values:
            raise ModelError(f"{where} is missing; it takes a {_KIND_NAMES[kind]}")
        value = self.values[key]
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise ModelError(f"{where} is {value!r}; it takes a {_KIND_NAMES[kind]}")
        return value

    def has(self, key):
        """Whether the key is there."""
        return key in self.values

    def table(self, key):
        """The table of a key."""
        return Table(self.path, self.get(key, dict), f"{self.prefix}{key}.")

    def tables(self, key):
        """The one or more tables of a key, [[key]] in the file."""
        entries = self.get(key, list)
        if not entries or not all(isinstance(entry, dict) for entry in entries):
            raise ModelError(f"{self.path}: {self.prefix}{key} is {entries!r}; it takes one or more [[{key}]] tables")
        return [Table(self.path, entry, f"{self.prefix}{key}[{i}].") for i, entry in enumerate(entries)]
