"""From what stands in a table to what its keys mean; what is wrong is noted in the document."""

from dataclasses import MISSING

from edgepose.toml.document import brief, near


def attempt(table, key, function, *arguments):
    """What a function gives, MISSING where it raises ValueError, which is noted as the key's fault."""
    try:
        return function(*arguments)
    except ValueError as error:
        table.fault(key, str(error), *((error.n,) if hasattr(error, "n") else ()))
        return MISSING


def read_as(kind, value):
    """What a Kind makes of a value; ValueError says what is wrong, and what it takes."""
    try:
        return kind.read(value)
    except ValueError as error:
        what = str(error) or ("is not right" if kind.secret else f"is {brief(value)}")
        error.args = (f"{what}; it takes {kind.takes}",)
        raise


def check_keys(table, known, elsewhere=None):
    """Note every key that is not one of those that are known.

    Parameters
    ----------
    table : Table
    known : names of keys
    elsewhere : callable of a key that is near none of them: where else it is known, in words; or None
    """
    for key in table.values:
        if key not in known:
            hint = near(key, known) or (elsewhere(key) if elsewhere else "")
            table.fault(key, f"is not known{hint}; it takes {', '.join(known)}")
