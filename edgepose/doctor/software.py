"""Python, our own package, and the packages it stands on."""

import importlib
import os
import platform
import sys
from functools import partial

import edgepose as package
from edgepose.doctor.finding import finding


def edgepose():
    """Our own package."""
    return finding(True, f"{package.__version__} in {os.path.dirname(package.__file__)}")


def python():
    """The interpreter, its C library, NumPy."""
    import numpy

    libc = " ".join(part for part in platform.libc_ver() if part) or "unknown C library"
    text = f"{platform.python_version()}, {libc}, numpy {numpy.__version__}, {platform.machine()} {platform.system()}"
    return finding((3, 10) <= sys.version_info[:2], text, "use Python 3.10 to 3.13")


def cores():
    """The cores that this process may use."""
    from edgepose import machine

    return finding(True, f"{machine.n_usable_cores()} of {os.cpu_count()} usable: {machine.name()}")


def kernels():
    """Whether the integer kernels are compiled."""
    from edgepose import native

    if native.KIND == "compiled":
        return finding(True, "compiled")
    return finding(False, f"NumPy twins, correct but slow ({native.WHY})",
                   "install a C compiler (apt install gcc) and reinstall edgepose", needed=False)


def cache():
    """Where compiled networks and measured times are kept between starts."""
    from edgepose import cache

    try:
        cache.write(cache.folder() / "written-by-doctor", b"")
        (cache.folder() / "written-by-doctor").unlink()
    except OSError as error:
        return finding(False, f"cannot be written, so every start is slow: {error}",
                       "name a writable folder in XDG_CACHE_HOME", needed=False)
    return finding(True, f"{cache.folder()}")


def _package(module, use):
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        return finding(False, f"{use}: {error}", "reinstall edgepose with its dependencies")
    return finding(True, f"{module} {found.__version__}: {use}")


video = partial(_package, "av", "videos and cameras")
pictures = partial(_package, "PIL", "pictures and overlays")
