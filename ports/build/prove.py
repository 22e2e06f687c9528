"""Prove what the wheels promise; minutes, so not a part of the tests. `make test-wheels`

    python ports/build/prove.py [--python PYTHON ...] --work DIR    # default: every CPython 3.10 to 3.13 that is found

1. Wheels of all architectures, with labels that auditwheel agrees with; built twice they have the same bytes.
2. The stable ABI: abi3audit finds nothing but the two functions of buffers, which 3.10 has outside its limited API.
3. Each interpreter, in a clean environment outside the checkout: the hashed lock and the wheel are installed, the demo
   runs, the kernels' tests pass.
4. The source distribution builds without network, and without a compiler too; then the twins run, with one warning.
5. The locks of 64-bit ARM are whole: pip finds a wheel for every pin.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD, LOCKS = ROOT / "ports" / "build", ROOT / "ports" / "locks"
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
#: In CPython 3.10 both are exported, and Py_buffer is laid out as the limited API of 3.11 has it.
NEWER = {"PyObject_GetBuffer": "3.11", "PyBuffer_Release": "3.11"}
KERNEL_TESTS = [f"tests/unit/test_{name}.py" for name in ("letterbox", "movenet", "openpose", "presence")]
TEST_PACKAGES = ["pytest", "hypothesis", "opencv-python-headless", "scipy"]


def main():
    """Prove it all; SystemExit at the first thing that does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", metavar="PYTHON", help="an interpreter, several times if need be")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="an empty folder to work in")
    options = parser.parse_args()
    work = options.work.resolve()
    wheels = prove_wheels(work)
    prove_abi(wheels)
    for python in options.python or interpreters():
        prove_interpreter(python, wheels["x86_64"], work)
    prove_sdist(work)
    prove_foreign_locks(work)


def prove_wheels(work):
    """{architecture: wheel}; one of them built twice."""
    call(sys.executable, BUILD / "wheel.py", "--out", work / "wheels")
    call(sys.executable, BUILD / "wheel.py", "aarch64", "--out", work / "again")
    wheels = {path.stem.rpartition("_17_")[2]: path for path in sorted((work / "wheels").iterdir())}
    first, again = (hashlib.sha256((work / folder / wheels["aarch64"].name).read_bytes()).hexdigest()
                    for folder in ("wheels", "again"))
    hold(first == again, f"{wheels['aarch64'].name}: built twice, sha256 {first[:16]} both times")
    return wheels


def prove_abi(wheels):
    """What abi3audit says of each wheel."""
    for wheel in wheels.values():
        done = subprocess.run([sys.executable, "-m", "abi3audit", "--report", wheel], capture_output=True, text=True)
        found = json.loads(done.stdout)["specs"][str(wheel)]["wheel"][0]["result"]
        hold(found["future_abi3_objects"] == NEWER and not found["non_abi3_symbols"],
             f"{wheel.name}: all of it is of 3.10's limited API but {', '.join(NEWER)}")


def interpreters():
    """Every CPython 3.10 to 3.13 on the path or of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in VERSIONS:
        found = [*sorted(pyenv.glob(f"{version}.*/bin/python")), shutil.which(f"python{version}")]
        hold(any(found), f"Python {version} is here", needed=False)
        yield from list(filter(None, found))[:1]


def prove_interpreter(python, wheel, work):
    """Lock, wheel, demo and kernel tests in a clean environment of one interpreter."""
    version = call(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    folder = work / f"python{version}"
    own = folder / "bin" / "python"
    call(python, "-m", "venv", folder)
    call(own, "-m", "pip", "-q", "install", "--require-hashes", "-r", LOCKS / f"{version}-x86_64.txt")
    call(own, "-m", "pip", "-q", "install", "--no-deps", wheel)
    kind = call(own, "-c", "from edgepose import native; print(native.KIND)")
    hold(kind == "compiled\n", f"{version}: the kernels load")
    clip = folder / "lib" / f"python{version}" / "site-packages" / "edgepose" / "clips" / "pedestrians.mp4"
    demo = call(folder / "bin" / "edgepose", "run", clip, "--format", "table", "--overlay", "pedestrians.png",
                "--overlay", "pedestrians.mp4", cwd=folder)
    hold("left_hip" in demo and (folder / "pedestrians.mp4").stat().st_size > 10_000, f"{version}: lock, wheel, demo")
    prove_kernels(own, folder, version)


def prove_kernels(python, folder, version):
    """The kernels' tests against the installed wheel: beside them is no edgepose but that one."""
    call(python, "-m", "pip", "-q", "install", *TEST_PACKAGES)
    shutil.copytree(ROOT / "tests", folder / "tests")
    shutil.copyfile(ROOT / "setup.cfg", folder / "setup.cfg")
    said = call(python, "-m", "pytest", "-q", "-o", "addopts=", *KERNEL_TESTS, cwd=folder).splitlines()[-1]
    hold("failed" not in said, f"{version}: the kernels' tests: {said}")


def prove_sdist(work):
    """The source distribution, built where there is no network, with and without a compiler."""
    sdist = Path(call(sys.executable, BUILD / "wheel.py", "sdist", "--out", work).strip())
    offline = ["unshare", "--map-root-user", "--net"] if shutil.which("unshare") else []
    for name, compiler in (("compiled", "cc"), ("twins", "no-compiler")):
        out = work / f"sdist-{name}"
        call(*offline, sys.executable, "-m", "pip", "-q", "wheel", "--no-build-isolation", "--no-index", "--no-deps",
             "--wheel-dir", out, sdist, CC=compiler, LDSHARED=f"{compiler} -shared")
        shutil.unpack_archive(next(out.glob("*.whl")), out / "site", "zip")
        library = list((out / "site" / "edgepose" / "native").glob("*.so"))
        hold(bool(library) == (name == "compiled"), f"{sdist.name}: built without network: {name}")


def prove_foreign_locks(work):
    """Every pin of 64-bit ARM's locks has a wheel with that hash, as pip sees it from here."""
    for version in VERSIONS:
        call(sys.executable, "-m", "pip", "-q", "download", "--require-hashes", "--no-deps", "--only-binary=:all:",
             "--dest", work / "aarch64", "--python-version", version, "--platform=manylinux2014_aarch64",
             *(f"--platform=manylinux_2_{minor}_aarch64" for minor in range(28, 16, -1)),
             "-r", LOCKS / f"{version}-aarch64-daemon.txt")
        hold(True, f"{version}-aarch64-daemon.txt: pip finds every wheel, with its hash")


def hold(holds, claim, needed=True):
    """Print a claim that holds; SystemExit with one that does not."""
    if not holds and needed:
        raise SystemExit(f"FAILED: {claim}")
    print(f"{'ok' if holds else 'no'}  {claim}", flush=True)


def call(*command, cwd=None, **more):
    """What a command that succeeds prints; SystemExit with the words of one that fails."""
    done = subprocess.run(list(map(str, command)), cwd=cwd or "/", capture_output=True, text=True,
                          env={**os.environ, **more})
    if done.returncode:
        raise SystemExit(f"FAILED: {' '.join(map(str, command))}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
