"""A progress bar on standard error, where a person watches it."""

import os
import sys


def progress(total, unit, watched=True, done=0, title=None):
    """A bar to `update`, to `note` words on and to `write` lines past; used in a `with`.

    Parameters
    ----------
    total : int, or None where nobody knows
    unit : str, what is counted; "B" for bytes, shown as kB and MB
    watched : bool, False keeps it away; without a terminal it is away in any case
    done : int, how much of the total was done before
    title : str in front of the bar, or None
    """
    if not (watched and sys.stderr.isatty()):
        return _NoBar()
    from tqdm import tqdm

    size = os.get_terminal_size(sys.stderr.fileno())  # a serial console says 0 x 0
    return _Bar(tqdm(total=total, initial=done, desc=title, unit=unit if unit == "B" else " " + unit,
                     unit_scale=unit == "B", ncols=size.columns or 80, nrows=size.lines or 24, file=sys.stderr))


class _Bar:
    def __init__(self, bar):
        self._bar, self.update = bar, bar.update

    def write(self, line):
        """A line of its own above the bar."""
        self._bar.write(line, file=sys.stderr)

    def note(self, words):
        """A few words behind the bar, which a callable gives."""
        self._bar.set_postfix_str(words(), refresh=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._bar.close()


class _NoBar:
    def update(self, n=1):
        """Nobody watches."""

    def write(self, line):
        """A line on standard error."""
        print(line, file=sys.stderr)

    def note(self, words):
        """Nobody watches, so they are not even put together."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
