"""How numbers and long lines are written in tables."""

import textwrap

WIDTH = 99  # columns


def ms(ns):
    """Milliseconds with three digits that count."""
    if ns is None:
        return "-"
    value = ns / 1e6
    return f"{value:.3f}" if value < 10 else f"{value:.2f}" if value < 100 else f"{value:.1f}"


def fold(text, indent=""):
    """Lines of at most `WIDTH` columns, the later ones set in."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ") or [""]


def precision(row):
    """Half the interval of the median, in percent of it."""
    if not row.get("p50_interval") or not row["p50"]:
        return ""
    low, high = row["p50_interval"]
    half = (high - low) / 2 / row["p50"]
    return f"{half:.1%}" if half < 1 else "> 100%"
