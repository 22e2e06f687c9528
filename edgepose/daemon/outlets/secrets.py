"""Passwords and tokens: read when they are needed, never shown."""

from pathlib import Path

from edgepose.errors import ConfigError

N_LETTERS = 4096


def read_secret(path, what):
    """The first line of a file.

    Raises
    ------
    ConfigError : it cannot be read, or holds nothing that can be one; its text names the file and not its content
    """
    try:
        with Path(path).open(encoding="utf-8") as source:
            line = source.readline(N_LETTERS).rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ConfigError(f"{path}: the {what} cannot be read: {reason}") from None
    if not line or not line.isprintable():
        raise ConfigError(f"{path}: its first line should be the {what}, and nothing else")
    return line
