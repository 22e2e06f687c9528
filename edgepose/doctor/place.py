"""What is examined: this machine, or a recorded tree of one."""

from functools import cached_property, partial
from pathlib import Path, PurePath

from edgepose.doctor import files


class Place:
    """A root with the kernel's files below it; whatever cannot be read is None.

    Parameters
    ----------
    root : path; "/" is this machine, which can also be asked what no file tells

    Attributes
    ----------
    root : Path
    live : bool, whether this is the machine that we run on
    """

    def __init__(self, root="/"):
        self.root, self.live = Path(root), Path(root) == Path("/")

    @cached_property
    def board(self):
        """The Board that this is. ConfigError where a profile is wrong."""
        from edgepose import board

        return board.detect(self.root)

    @cached_property
    def vitals(self):
        """The Vitals of it."""
        from edgepose import board

        return board.Vitals(self.root, self.ask_firmware)

    @cached_property
    def machine(self):
        """The architecture of user space, as Python calls it."""
        from edgepose import board

        return board.machine_of(self.root)

    @cached_property
    def ask_firmware(self):
        """`vcgencmd`, or what a recording has of its answers."""
        from edgepose import board

        return board.vcgencmd if self.live else partial(_recorded_answer, self)

    @cached_property
    def files(self):
        """{path below the root, as str: File} of all files that are there; no check reads any other."""
        return {path.relative_to(self.root).as_posix(): file for file, path in files.find(self.root)}

    def text(self, path):
        """What of a file's text we look at, or None."""
        file = self.files.get(str(path))
        try:
            return (file and files.read(file, self.root / path)) or None
        except OSError:
            return None

    def number(self, path):
        """The number in a file, or None."""
        try:
            return int(self.text(path) or "")
        except ValueError:
            return None

    def texts(self, pattern):
        """Of all files of a pattern what can be read, in natural order."""
        return [text for path in self.files if PurePath(path).match(pattern) and (text := self.text(path))]

    def numbers(self, pattern):
        """The numbers in all files of a pattern."""
        found = (self.number(path) for path in self.files if PurePath(path).match(pattern))
        return [number for number in found if number is not None]

    def has(self, path):
        """Whether something is there."""
        return (self.root / path).exists()


def _recorded_answer(place, question):
    return place.text(f"edgepose/{question}")
