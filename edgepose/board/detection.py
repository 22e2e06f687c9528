"""Which board this is: from the device tree, and the architecture of user space.

Sources: the Devicetree Specification 0.4, 2.3.1 and 2.3.2 (`compatible` goes from the most to the least specific);
Documentation/ABI/testing/procfs-sys-kernel of Linux 6.1 (`arch`); personality(2) (what `uname` says under it).
"""

import platform
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from edgepose.board.tree import read_strings, read_text

_TREE = "proc/device-tree"
#: What 32-bit programs are below kernels of these names, and what 64-bit ones are that `linux32` tells of 32 bits
_NARROW = {"aarch64": "armv7l", "armv8l": "armv7l", "x86_64": "i686"}
_WIDE = {"armv8l": "aarch64", "i686": "x86_64"}


def model_of(root="/"):
    """What firmware calls the board, "Raspberry Pi 5 Model B Rev 1.0", or None where it says nothing."""
    return next(iter(read_strings(Path(root) / _TREE / "model")), None)


def machine_of(root="/"):
    """The architecture that programs here are built for, as Python calls it; "unknown" where a tree does not say.

    Notes
    -----
    A 32-bit Python under a 64-bit kernel is "armv7l". A recorded tree says in `edgepose/userland` what user space is,
    where that is not what its kernel is, see tests/data/boards/README.md.
    """
    root = Path(root)
    if root == Path("/"):
        kernel = platform.machine()
        return (_WIDE if sys.maxsize > 1 << 32 else _NARROW).get(kernel, kernel)
    return read_text(root / "edgepose/userland") or read_text(root / "proc/sys/kernel/arch") or "unknown"


def find(boards, root="/"):
    """Of some Boards the one that this is, the generic one of its architecture, or None where there is none.

    Parameters
    ----------
    boards : iterable of Board
    root : path below which `proc` lies

    Notes
    -----
    A pattern of the model's name counts more than an entry of `compatible`, the longest pattern more than others, and
    the first entry more than those behind it.
    """
    machine, model = machine_of(root), model_of(root) or ""
    compatible = read_strings(Path(root) / _TREE / "compatible")
    ranked = [(_rank(board, model, compatible), board) for board in boards if machine in board.detect.machine]
    found = [(rank, board) for rank, board in ranked if rank is not None]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _rank(board, model, compatible):
    """A tuple that is the smaller the better a board fits; None where it does not."""
    if board.generic:
        return (2, 0)
    lengths = [len(pattern) for pattern in board.detect.model if fnmatchcase(model, pattern)]
    if lengths:
        return (0, -max(lengths))
    places = [compatible.index(entry) for entry in board.detect.compatible if entry in compatible]
    return (1, min(places)) if places else None
