"""Reading numbers from files of the kernel, and what all readers of such files share."""

from pathlib import Path

from edgepose.errors import BoardError

RULES = "ports/x86-64/70-edgepose.rules"


def read_number(path):
    """The whole number in a file; BoardError names the file where it cannot be read."""
    try:
        return int(Path(path).read_text())
    except OSError as error:
        raise BoardError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BoardError(f"{path}: holds no number") from error


def read_name(path, default=""):
    """The text in a file, or the default where there is none."""
    try:
        return Path(path).read_text(errors="replace").strip() or default
    except OSError:
        return default


def sysfs(root):
    """The folder of the kernel's files below a root."""
    return Path(root) / "sys"


class FileReader:
    """Reads power, mW, from one file, or as the product of two.

    Parameters
    ----------
    name, covers : str
    paths : one path of a power, or those of a voltage and of a current
    divisor : int, what turns the number, or the product, into mW
    """

    kind, period_ns = "power", 50_000_000

    def __init__(self, name, covers, paths, divisor):
        self.name, self.covers, self._paths, self._divisor = name, covers, tuple(paths), divisor

    def read(self):
        """Power now, mW; BoardError when the sensor is gone."""
        product = 1
        for path in self._paths:
            product *= read_number(path)
        return product // self._divisor

    def close(self):
        """Nothing is held open."""

    def __repr__(self):
        return f"<{type(self).__name__} {self.name}: {self.covers}>"


def usable(readers):
    """The readers that give a number now, and one line for each that does not."""
    good, notes = [], []
    for reader in readers:
        try:
            reader.read()
            good.append(reader)
        except BoardError as fault:
            notes.append(f"{reader.name}: {fault}")
    return good, notes
