"""From a table of the file to the dataclass that it fills."""

from dataclasses import MISSING

from edgepose.daemon.config import outside
from edgepose.daemon.config.keys import SECTIONS
from edgepose.toml.values import attempt, check_keys, read_as

SINGLE, REPEATED = ("daemon", "web", "mqtt", "clips", "modes"), ("webhook", "camera")
_INSIDE = {"modes": ("schedule",), "camera": ("zone", "rule")}


def make(table, name, **more):
    """The dataclass of a table, None where that cannot be made; what is wrong is noted and left out.

    Parameters
    ----------
    table : Table
    name : str, of SECTIONS
    more : fields that no key fills
    """
    fields = take(table, name)
    return None if fields is None else SECTIONS[name].settings(**fields, **more)


def take(table, name):
    """{field: value} of a table, None where something that must be there is missing or wrong."""
    section = SECTIONS[name]
    check_keys(table, (*section.keys, *_INSIDE.get(name, ())), elsewhere)
    values = {key: _value(table, section, key) for key in section.keys}
    if any(value is MISSING and section.default(key) is MISSING for key, value in values.items()):
        return None
    return {section.field(key): value for key, value in values.items() if value is not MISSING}


def elsewhere(key):
    """Where else a key is known, in words."""
    found = next((name for name, section in SECTIONS.items() if key in section.keys), None)
    return f" here, but in {header(found)}" if found else ""


def header(name):
    """How a table begins in the file."""
    return f"[{name}]" if name in SINGLE else f"[[{name}]]"


def _value(table, section, key):
    """The value of a key, MISSING where it is not there or wrong."""
    if not table.has(key):
        if section.default(key) is MISSING:
            table.fault(key, f"is missing; it takes {section.keys[key].kind.takes}")
        return MISSING
    return attempt(table, key, _read, section.keys[key], table.values[key], table.document.folder)


def _read(key, value, folder):
    """What the settings hold of a value."""
    found = read_as(key.kind, value)
    return outside.resolve(folder, found) if key.is_path else found
