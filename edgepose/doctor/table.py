"""What doctor found, in lines for a person."""

import os
import shutil
import sys
import textwrap

from edgepose.doctor import opencl

_MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}
_INDENT = 2
_HANGING = " " * (_INDENT + 16)  # status, name
_NARROWEST, _WIDEST = 60, 120


def width():
    """Columns to fill: COLUMNS or the terminal's, 60 to 120; None, which folds nothing, where a program reads."""
    if not os.environ.get("COLUMNS") and not sys.stdout.isatty():
        return None
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def rows(report, columns=None):
    """The lines: a heading a group, a line a finding and what to do below it, and the problems by name at the end."""
    group = None
    for name, finding in report["findings"].items():
        if finding["group"] != group:
            group = finding["group"]
            yield from [*([""] if name != next(iter(report["findings"])) else []), group]
        yield from _finding_rows(name, finding, columns)
    yield ""
    if report["left_out"]:
        yield from _fold("", f"Left out, since no recorded file tells it: {', '.join(report['left_out'])}.", columns)
    yield from _fold("", _verdict(report["findings"]), columns)


def _finding_rows(name, finding, columns):
    yield from _fold(f"{' ' * _INDENT}{_MARKS[finding['status']]} {name:10s} ", finding["text"], columns)
    if finding["advice"]:
        yield from _fold(_HANGING + "-> ", finding["advice"], columns)
    details = [*map(_row, finding.get("times", ())),
               *(line for device in finding.get("devices", ()) for line in opencl.rows(device))]
    for line in details:
        text = line.lstrip()
        yield from _fold(_HANGING + "   " + " " * (len(line) - len(text)), text, columns)


def _fold(head, text, columns):
    if columns is None:
        return [f"{head}{text}"]
    return textwrap.wrap(text, columns, initial_indent=head, subsequent_indent=" " * len(head),
                         break_long_words=False, break_on_hyphens=False) or [head]


def _verdict(findings):
    by_status = {status: [name for name, finding in findings.items() if finding["status"] == status]
                 for status in ("fail", "warn")}
    if by_status["fail"]:
        return f"Does not work without: {', '.join(by_status['fail'])}.{_worth(by_status['warn'])}"
    return f"Nothing that is needed is missing.{_worth(by_status['warn'])}"


def _worth(names):
    return f" Worth a look: {', '.join(names)}." if names else ""


def _row(row):
    """One remembered measurement: the model, its settings, the times with the chosen backend marked."""
    settings = ", ".join(f"{name} {value}" for name, value in row["settings"].items())
    times = ", ".join(f"{name} {ms:.1f} ms{' (chosen)' if name == row['backend'] else ''}"
                      for name, ms in row["times_ms"].items())
    refused = "".join(f"; {name} dropped out: {reason}" for name, reason in row["refused"].items())
    stale = "" if row["holds"] else f"; stale, of {row['machine']}, {', '.join(row['packages'].values())}"
    return f"{row['model']}, {settings}: {times}{refused}; {row['measured']}{stale}"
