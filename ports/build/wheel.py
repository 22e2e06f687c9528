"""Build edgepose's wheels, cross-compiled, and its source distribution: the same tree gives the same bytes.

    python ports/build/wheel.py [ARCH ...] --out DIR      # x86_64 aarch64 armv7l; default: all of them
    python ports/build/wheel.py sdist --out DIR

One wheel per architecture serves CPython 3.10 to 3.13 (docs/wheels.md). The Python that builds is 3.11 or newer;
Debian's cross compilers are gcc-aarch64-linux-gnu and gcc-arm-linux-gnueabihf. Prints the files it wrote.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import inspection

ROOT = Path(__file__).resolve().parent.parent.parent
#: Architecture: the compiler's prefix. The wheels' glibc is the lowest that their symbols allow; auditwheel checks it.
COMPILERS = {"x86_64": "x86_64-linux-gnu-", "aarch64": "aarch64-linux-gnu-", "armv7l": "arm-linux-gnueabihf-"}
GLIBC = "manylinux_2_17"
#: What a build needs of the checkout; it happens in a copy, where nothing old lies about.
PARTS = ("edgepose", "models", "ports", "setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md",
         "CHANGELOG.md", "LICENSE")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info")
EPOCH = "1577836800"  # 2020-01-01, the date of every file in what is built


def main():
    """Build what is asked for."""
    options = parse()
    os.umask(0o022)  # the files' modes are part of the bytes
    options.out.mkdir(parents=True, exist_ok=True)
    for kind in options.kind or COMPILERS:
        print(build_sdist(options.out) if kind == "sdist" else build_wheel(kind, options.out), flush=True)


def parse():
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", nargs="*", metavar="ARCH", choices=[*COMPILERS, "sdist", []],
                        help=f"{', '.join(COMPILERS)} or sdist; default: a wheel for each")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    return parser.parse_args()


def build_wheel(machine, out):
    """The path of the wheel for a machine, built and looked into. SystemExit where that fails."""
    if sys.version_info < (3, 11):
        raise SystemExit("wheel.py: the headers of Python 3.11 or newer are needed; run it with such a Python")
    need_compiler(machine)
    with tempfile.TemporaryDirectory() as folder:
        run("-m", "pip", "--quiet", "wheel", "--no-deps", "--wheel-dir", folder,
            f"--config-settings=--build-option=--plat-name={GLIBC}_{machine}", copy_tree(folder),
            **environment(machine))
        wheel = next(Path(folder).glob("*.whl"))
        inspection.check(wheel, machine)
        return shutil.move(wheel, out / wheel.name)


def build_sdist(out):
    """The path of the source distribution."""
    code = "import sys; from setuptools import build_meta; print(build_meta.build_sdist(sys.argv[1]))"
    with tempfile.TemporaryDirectory() as folder:
        name = run("-c", code, out.resolve(), cwd=copy_tree(folder)).splitlines()[-1]
    return out / name


def need_compiler(machine):
    """SystemExit where a machine's compiler is not installed."""
    prefix = COMPILERS[machine]
    if not shutil.which(f"{prefix}gcc"):
        package = f"gcc-{prefix.rstrip('-').replace('_', '-')}"
        raise SystemExit(f"wheel.py: no {prefix}gcc for {machine}; apt install {package}")


def copy_tree(folder):
    """A copy of the checkout's parts that a build needs."""
    copy = Path(folder) / "tree"
    copy.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=LEFT_OUT, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, copy / part)
    return copy


def environment(machine):
    """What makes setuptools compile for another machine, the same bytes every time."""
    compiler, sizes = f"{COMPILERS[machine]}gcc", ROOT / "ports" / "build" / "pyconfig.h"
    return {"CC": compiler, "LDSHARED": f"{compiler} -shared", "LDFLAGS": "-s -Wl,--build-id=none",
            "CFLAGS": f"-include {sizes}", "_PYTHON_HOST_PLATFORM": f"linux-{machine}"}


def run(*command, cwd=None, **more):
    """What a Python that succeeds prints; SystemExit with the words of one that fails."""
    done = subprocess.run([sys.executable, *command], cwd=cwd, capture_output=True, text=True,
                          env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONDONTWRITEBYTECODE": "1", **more})
    if done.returncode:
        raise SystemExit(f"wheel.py: {' '.join(map(str, command[:4]))} failed:\n{done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    main()
