"""Look into a wheel: what must be in it is, what must not be is not, its kernels are for the machine on its label."""

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from edgepose import elf

ROOT = Path(__file__).resolve().parent.parent.parent
KERNELS = "edgepose/native/_kernels.abi3.so"
#: Files that must be there, and patterns of the checkout's, whose every file must.
NEEDED = ("edgepose/native/twin_letterbox.py", "edgepose/clips/pedestrians.mp4", "edgepose/clips/README.md",
          "edgepose/models/movenet-lightning/LICENSE", "edgepose/schemas/pose-1.schema.json")
DATA = ("models/*/manifest.toml", "models/*/*.tflite", "ports/*/board.toml")
FOREIGN = ("tests/", "benchmarks/", "docs/", "edgepose/models/build/", "edgepose/ports/build/", "edgepose/ports/locks/")


def check(wheel, machine):
    """SystemExit with one line for the first thing that is wrong with a wheel."""
    for finding in (*missing(wheel), *foreign(wheel), *compiled(wheel, machine), *audited(wheel)):
        raise SystemExit(f"{wheel.name}: {finding}")


def missing(wheel):
    """Lines about what a wheel lacks: modules, models with weights and licences, clips, boards' data, the licence."""
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [path for pattern in DATA for path in sorted(ROOT.glob(pattern))]
    code = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("edgepose/**/*.py"))]
    for name in (*NEEDED, *code, *(f"edgepose/{path.relative_to(ROOT)}" for path in data)):
        if name not in names:
            yield f"{name} is missing"
    if not any(name.endswith("licenses/LICENSE") or name.endswith(".dist-info/LICENSE") for name in names):
        yield "LICENSE is missing"


def foreign(wheel):
    """Lines about what does not belong into a wheel: tests, scripts that build, sources of the kernels."""
    for name in zipfile.ZipFile(wheel).namelist():
        if name.startswith(FOREIGN) or name.endswith((".c", ".h", ".pyc")):
            yield f"{name} does not belong there"


def compiled(wheel, machine):
    """Lines about compiled files: there is one, the kernels, and it is for this machine."""
    found = machines(wheel)
    if KERNELS not in found:
        yield f"{KERNELS} is missing: it did not compile"
    for name, built in found.items():
        if name != KERNELS or built != machine:
            yield f"{name} is for {built}"


def audited(wheel):
    """Lines about a label that promises more systems than auditwheel finds the symbols on; said where it is missing."""
    if importlib.util.find_spec("auditwheel") is None:
        print(f"{wheel.name}: its label is not checked; pip install auditwheel", file=sys.stderr)
        return
    done = subprocess.run([sys.executable, "-m", "auditwheel", "show", str(wheel)], capture_output=True, text=True)
    label = wheel.stem.rpartition("-")[2]
    if f'platform tag: "{label}"' not in " ".join(done.stdout.split()):
        yield f"auditwheel disagrees with its label: {' '.join((done.stdout + done.stderr).split())}"


def machines(wheel):
    """{name: architecture} of the ELF files in a wheel."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        archive.extractall(folder)
        found = {name: elf.machine_of(Path(folder, name)) for name in archive.namelist()}
    return {name: built for name, built in found.items() if built}
