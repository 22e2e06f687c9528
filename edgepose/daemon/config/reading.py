"""From a TOML file to Settings: everything that is wrong is said at once."""

import os

from edgepose import board
from edgepose.board import defaults
from edgepose.daemon.config import checks, outside
from edgepose.daemon.config.camera import read_cameras
from edgepose.daemon.config.doors import read_mqtt, read_web, read_webhooks
from edgepose.daemon.config.kinds import DAYS
from edgepose.daemon.config.sections import REPEATED, SINGLE, elsewhere, make, take
from edgepose.daemon.config.settings import Settings
from edgepose.toml.document import Document, read_text
from edgepose.toml.values import attempt, check_keys


def read(path, report=None):
    """The settings in a file.

    Parameters
    ----------
    path : str or Path
    report : callable of one line, told of what works but should not stay so; or None

    Returns
    -------
    Settings; names of files in it are absolute

    Raises
    ------
    ConfigError : whatever is wrong, a line each, `FILE:LINE: key: what; what it takes`
    """
    settings, warnings = understand(path, text_of(path))
    for line in warnings if report else ():
        report(line)
    return settings


def text_of(path):
    """The text of a config; ConfigError where it cannot be read."""
    return read_text(path, "; `edgepose daemon --init FILE` writes one")


def understand(path, text, with_lines=True):
    """(Settings, warnings) of a text that is in a file, or shall be; ConfigError as `read` raises it."""
    document = Document(path, text)
    settings = _settings(document.root)
    document.check(with_lines)
    return settings, document.warnings


def _settings(root):
    """The Settings; they hold only if no fault was noted."""
    check_keys(root, (*SINGLE, *REPEATED), elsewhere)
    return Settings(cameras=read_cameras(root), modes=_modes(root.table("modes")), web=read_web(root.table("web")),
                    mqtt=read_mqtt(root.table("mqtt")) if root.has("mqtt") else None,
                    webhooks=read_webhooks(root.tables("webhook")), clips=make(root.table("clips"), "clips"),
                    **_daemon(root.table("daemon")))


def _daemon(table):
    given = take(table, "daemon")
    fields = {"directory": outside.default_directory(), **given, **_settled(given)}
    attempt(table, "directory", outside.check_folder, fields["directory"])
    if "lines" in fields:
        attempt(table, "lines", outside.check_folder, os.path.dirname(fields["lines"]))
    attempt(table, "model", outside.check_model, fields["model"])
    attempt(table, "backend", outside.check_backend, fields["backend"], fields.get("device"))
    return fields


def _settled(given):
    """Model, backend and threads: what is given, else what suits the board."""
    names = ("model", "backend", "threads")
    bound = [name for name in ("device",) if name in given]
    return dict(zip(names, defaults.settle(board.detect(), *map(given.get, names), bound)))


def _modes(table):
    tables = table.tables("schedule")
    entries = [take(entry, "modes.schedule") for entry in tables]
    schedule = [(entry.get("days", DAYS), entry["at"], entry["mode"]) for entry in entries if entry]
    checks.check_schedule([entry for entry, fields in zip(tables, entries) if fields], schedule)
    return make(table, "modes", schedule=tuple(schedule))
