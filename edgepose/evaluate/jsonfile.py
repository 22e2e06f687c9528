"""Reading JSON that somebody else wrote: every fault is one line that names the file."""

import hashlib
import json
import math

from edgepose.errors import ConfigError, first_line


def load(path):
    """(value, sha256 of the file); ConfigError where it cannot be read or is no JSON."""
    data = read(path)
    return parse(data, path), hashlib.sha256(data).hexdigest()


def parse(data, path):
    """The JSON value in the bytes of a file; ConfigError where they are no JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not a JSON file: {first_line(error)}") from error


def read(path):
    """The bytes of a file; ConfigError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def numbers(entry, key, n, where):
    """A list of n finite numbers in a JSON object; ConfigError names the object and the key."""
    value = entry.get(key)
    if not isinstance(value, list) or len(value) != n or not all(map(is_number, value)):
        raise ConfigError(f"{where}: {key} is {brief(value)}; it takes a list of {n} numbers")
    return value


def is_number(value):
    """Whether a JSON value is a finite number that fits a double."""
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:
        return False


def brief(value):
    """A JSON value, short enough for a message."""
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."
