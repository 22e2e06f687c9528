"""The integer kernels: compiled where a compiler was at hand, else their NumPy twins, equal bit for bit.

`EDGEPOSE_KERNELS=twins` chooses the twins on purpose.
"""

import os
import warnings

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

    KIND, WHY = "compiled", ""
except ImportError as error:
    from edgepose.native.twin_affinity import affinity
    from edgepose.native.twin_letterbox import letterbox, letterbox_scratch_bytes, letterbox_windows
    from edgepose.native.twin_movenet import movenet, movenet_people
    from edgepose.native.twin_openpose import openpose, openpose_scratch_bytes
    from edgepose.native.twin_presence import presence

    KIND, WHY = "twins", str(error)
    if "EDGEPOSE_KERNELS" not in str(error):
        warnings.warn(f"edgepose runs on its slow NumPy kernels ({error}); install a C compiler and reinstall",
                      RuntimeWarning, stacklevel=2)

__all__ = ["KIND", "WHY", "affinity", "letterbox", "letterbox_scratch_bytes", "letterbox_windows", "movenet",
           "movenet_people", "openpose", "openpose_scratch_bytes", "presence"]
