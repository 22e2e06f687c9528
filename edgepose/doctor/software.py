"""Python, our own package, and the packages it stands on."""

import importlib
import importlib.metadata
import os
import platform
import sys
import sysconfig
import warnings

import edgepose as package
from edgepose.doctor.finding import fail, good, warn

REINSTALL = "reinstall edgepose with its dependencies"
ANOTHER = f"make the virtual environment with another Python: {package.PYTHONS}"


def examine_edgepose(place):
    """Our own package."""
    return good(f"{package.__version__} in {os.path.dirname(package.__file__)}")


def examine_python(place):
    """The interpreter: neither too old nor too new."""
    return judge_python(sys.version_info[:2], bool(sysconfig.get_config_var("Py_GIL_DISABLED")))


def judge_python(version, free_threaded=False):
    """The finding of a version (major, minor)."""
    text = f"{platform.python_version()}, {platform.machine()} {platform.system()}"
    if not package.OLDEST_PYTHON <= version <= package.NEWEST_PYTHON:
        age = "old" if version < package.OLDEST_PYTHON else "new"
        return fail(f"{text}: too {age}, edgepose runs on {package.PYTHONS}", ANOTHER)
    if free_threaded:
        return warn(f"{text}: a free-threaded build, which runs no compiled kernels", ANOTHER)
    return good(text)


def examine_numpy(place):
    """NumPy, and whether the TFLite package that is there bears with it; found out without loading either."""
    return judge_numpy(*map(version_of, ("numpy", "ai-edge-litert", "tflite-runtime")))


def judge_numpy(numpy, litert, tflite_runtime):
    """The finding of three versions, None for a package that is not installed."""
    if numpy is None:
        return fail("not installed", REINSTALL)
    if tflite_runtime and not litert and int(numpy.partition(".")[0]) >= 2:
        return fail(f"{numpy} makes tflite-runtime {tflite_runtime} die as it loads a model",
                    "pip install 'numpy<2' (or, where it has a wheel, pip install ai-edge-litert)")
    return good(numpy)


def version_of(name):
    """The version of an installed package, or None; it is not loaded."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def examine_kernels(place):
    """Whether the integer kernels are compiled."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it says what the finding says
        from edgepose import native

    if native.KIND == "compiled":
        return good("compiled")
    return warn(f"NumPy twins, correct but slow ({native.WHY})", native.ADVICE or "unset EDGEPOSE_KERNELS")


def examine_cache(place):
    """Where compiled networks and measured times are kept between starts."""
    from edgepose import cache

    try:
        cache.write(cache.folder() / "written-by-doctor", b"")
        (cache.folder() / "written-by-doctor").unlink()
    except OSError as error:
        return warn(f"cannot be written, so every start is slow: {error}",
                    "name a writable folder in XDG_CACHE_HOME")
    return good(f"{cache.folder()}")


def examine_video(place):
    """What reads videos and cameras."""
    return _package("av", "videos and cameras")


def examine_pictures(place):
    """What reads pictures and draws overlays."""
    return _package("PIL", "pictures and overlays")


def _package(module, use):
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        return fail(f"{use}: {error}", REINSTALL)
    return good(f"{module} {found.__version__}: {use}")
