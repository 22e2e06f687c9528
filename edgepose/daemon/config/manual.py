"""Write the tables of docs/daemon/config.md from the keys themselves.

    python -m edgepose.daemon.config.manual docs/daemon/config.md    # --check only says whether it is up to date
"""

import argparse
import re
from dataclasses import MISSING
from pathlib import Path

from edgepose.daemon.config.keys import SECTIONS
from edgepose.daemon.config.sections import header

_PLACE = re.compile(r"(<!-- keys: .*? -->\n).*?(<!-- end -->)", re.DOTALL)
_OF_BOARD = "[the board's](../boards.md)"
_IN_WORDS = {"directory": "see above", "days": "every day", "model": _OF_BOARD, "backend": _OF_BOARD,
             "threads": _OF_BOARD}
_HEAD = "| key | what for | takes | unless given |\n|---|---|---|---|\n"


def main():
    """Write the tables into a file, or compare them with those that are there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 if the file is out of date")
    options = parser.parse_args()
    old = options.file.read_text(encoding="utf-8")
    new = _PLACE.sub(lambda place: place[1] + tables() + place[2], old)
    if not options.check:
        options.file.write_text(new, encoding="utf-8")
    elif new != old:
        raise SystemExit(f"{options.file}: its tables are not what the keys say; run this without --check")


def tables():
    """Every kind of table of the file with its keys, as Markdown."""
    return "".join(f"\n### `{header(name)}`\n\n{_HEAD}{''.join(_row(section, key) for key in section.keys)}"
                   for name, section in SECTIONS.items()) + "\n"


def _row(section, name):
    key = section.keys[name]
    return f"| `{name}` | {key.text} | {key.kind.takes} | {_default(section, name)} |\n"


def _default(section, name):
    default = _IN_WORDS.get(name, section.default(name))
    if default is MISSING:
        return "must be given"
    if name in _IN_WORDS or default is None or default == ():
        return default or ""
    return f"`{section.keys[name].kind.show(default)}`"


if __name__ == "__main__":
    main()
