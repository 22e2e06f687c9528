"""Results on standard output, in one way for every command that prints a table."""

import sys
from types import SimpleNamespace


def print_whole(text):
    """Print a text, whole or not at all. SinkError where standard output takes no more."""
    from edgepose.sinks.lines import LineOutput

    lines = LineOutput(sys.stdout)
    lines.open(SimpleNamespace(live=False, source=""))
    lines.write(text)
    lines.close()
