"""The integer kernels: compiled where a compiler was at hand, else their NumPy twins, equal bit for bit.

`EDGEPOSE_KERNELS=twins` chooses the twins on purpose.
"""

import os
import warnings
from pathlib import Path

from edgepose import elf


def _explain(error):
    """Why the compiled kernels did not load, and what to do about it; no advice where that was the user's wish."""
    if "EDGEPOSE_KERNELS" in str(error):
        return str(error), ""
    foreign = elf.foreign(Path(__file__).parent.glob("*.so"))
    return (foreign, "install the wheel for it") if foreign else (str(error), "install a C compiler and reinstall")


try:
    if os.environ.get("EDGEPOSE_KERNELS") == "twins":
        raise ImportError("EDGEPOSE_KERNELS=twins")
    from edgepose.native._kernels import (
        affinity,
        letterbox,
        letterbox_scratch_bytes,
        letterbox_windows,
        movenet,
        movenet_people,
        openpose,
        openpose_scratch_bytes,
        presence,
    )

    KIND, WHY, ADVICE = "compiled", "", ""
except ImportError as error:
    from edgepose.native.twin_affinity import affinity
    from edgepose.native.twin_letterbox import letterbox, letterbox_scratch_bytes, letterbox_windows
    from edgepose.native.twin_movenet import movenet, movenet_people
    from edgepose.native.twin_openpose import openpose, openpose_scratch_bytes
    from edgepose.native.twin_presence import presence

    KIND, (WHY, ADVICE) = "twins", _explain(error)
    if ADVICE:
        warnings.warn(f"edgepose runs on its slow NumPy kernels ({WHY}); {ADVICE}", RuntimeWarning, stacklevel=2)

__all__ = ["ADVICE", "KIND", "WHY", "affinity", "letterbox", "letterbox_scratch_bytes", "letterbox_windows", "movenet",
           "movenet_people", "openpose", "openpose_scratch_bytes", "presence"]
