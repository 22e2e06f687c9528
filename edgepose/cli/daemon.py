"""`edgepose daemon`: cameras in; poses, zones and events out; for months."""

import getpass
import sys
from pathlib import Path

from edgepose import board
from edgepose.board import defaults
from edgepose.errors import ConfigError

DEFAULT_FILE = "edgepose.toml"
EXTRA = "pip install 'edgepose[daemon]'"
#: Packages that are needed, and what they are called where they are installed from
PACKAGES = {"aiohttp": "aiohttp", "paho": "paho-mqtt", "prometheus_client": "prometheus-client"}


def add_arguments(parser):
    """Declare what `edgepose daemon` takes."""
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--config", metavar="FILE", type=Path, help="run with the settings in a TOML file")
    task.add_argument("--init", metavar="FILE", type=Path, nargs="?", const=Path(DEFAULT_FILE),
                      help=f"look which cameras there are and write such a file, {DEFAULT_FILE} unless named; never"
                           " over one that is there")
    task.add_argument("--hash-password", action="store_true", help="ask for a password and print what [web] takes")
    parser.add_argument("--check", action="store_true", help="of --config: say what is understood, or all faults")


def main(options):
    """Run `edgepose daemon`; returns the exit code."""
    if options.check and options.config is None:
        raise ConfigError("--check is of --config; see edgepose daemon --help")
    if options.hash_password:
        return _hash_password()
    if options.init is not None:
        return _init(options.init)
    return _check(options.config) if options.check else _run(options.config)


def _report(line):
    print(f"edgepose: {line}", file=sys.stderr)


def _check(path):
    from edgepose.daemon.config import reading, summary

    settings = reading.read(path, _report)
    print("\n".join(summary.lines(settings)))
    return 0


def _run(path):
    from edgepose.daemon.config import reading

    settings = reading.read(path, _report)
    _check_packages()
    here = board.detect()
    note = defaults.words(here, settings.threads, defaults.keep_to_own(here, settings.threads))
    if note:
        _report(note)
    from edgepose.daemon import service

    return service.run(settings, path) or 0


def _check_packages():
    """ConfigError where a package of the extra is missing; nothing is loaded to find out."""
    from importlib.util import find_spec

    missing = [package for module, package in PACKAGES.items() if find_spec(module) is None]
    if missing:
        raise ConfigError(f"the daemon needs {', '.join(missing)}; {EXTRA}")


def _init(path):
    from edgepose.daemon.config import init

    for line in init.write(path):
        _report(line)
    print(f"edgepose daemon --config {path}")
    return 0


def _hash_password():
    from edgepose.daemon.config import passwords

    try:
        print(f'password = "{passwords.hash_password(_ask())}"')
    except (ValueError, EOFError) as error:
        raise ConfigError(str(error) or "there is no password to read") from error
    return 0


def _ask():
    """A password: typed twice, unseen; or the first line that comes from a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    text = getpass.getpass("password: ")
    if getpass.getpass("once more: ") != text:
        raise ValueError("the two are not the same")
    return text
