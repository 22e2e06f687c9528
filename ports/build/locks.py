"""Write ports/locks/<python>-<arch>[-daemon].txt: every package that edgepose needs there, with its version and hashes.

    python ports/build/locks.py            # takes the newest versions; needs pip and uv, and asks the package index
    python ports/build/locks.py --check    # exit code 1 if a lock no longer fits setup.cfg or the index

Only wheels are locked, and only those that fit: nothing is compiled on a board. On 32-bit ARM NumPy, Pillow and PyAV
are Debian's, so they are not in its locks. Installed with `pip install --require-hashes -r FILE`, then edgepose's own
wheel with `pip install --no-deps`.
"""

import argparse
import concurrent.futures
import configparser
import json
import os
import subprocess
import sys
from pathlib import Path

import index
import tomllib
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = ROOT / "ports" / "locks"
#: The oldest C library that the locked wheels run on; tflite-runtime's last one for CPython 3.11 asks for more.
GLIBC = {"x86_64": "2_28", "aarch64": "2_28", "armv7l": "2_34"}
TARGETS = [(python, machine) for python in ("3.10", "3.11", "3.12", "3.13") for machine in ("x86_64", "aarch64")]
TARGETS.append(("3.11", "armv7l"))  # tflite-runtime, all there is for it, goes no further
DEBIANS = {"numpy", "pillow", "av"}
EXTRAS = ("", "daemon")


def main():
    """Write the locks, or compare them with those that are there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 if a lock is stale")
    check = parser.parse_args().check
    jobs = [(*target, extra) for target in TARGETS for extra in EXTRAS]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(lambda job: lock(*job, keep=check), jobs))
    stale = [path(*job) for job, text in zip(jobs, texts) if not write(path(*job), text, check)]
    if stale:
        raise SystemExit(f"stale: {', '.join(file.name for file in stale)}; run ports/build/locks.py")


def path(python, machine, extra):
    """Where a lock is kept."""
    return LOCKS / f"{'-'.join(filter(None, (python, machine, extra)))}.txt"


def write(file, text, check):
    """False where a lock is not what it should be and may not be written."""
    if check:
        return file.exists() and file.read_text() == text
    file.write_text(text)
    return True


def lock(python, machine, extra, keep=False):
    """A lock's text; with `keep` the versions are those of the lock that is there, as far as they fit."""
    old = path(python, machine, extra)
    packages = resolve(python, machine, requirements(machine, extra), ["--constraint", old] if keep else [])
    hashes = armv7_hashes(python, packages) if machine == "armv7l" else {one["name"]: fitting(one) for one in packages}
    head = f"# CPython {python}, {machine}, glibc {GLIBC[machine].replace('_', '.')} or newer; ports/build/locks.py\n"
    return head + "".join(pin(one, hashes[one["name"]]) for one in packages)


def pin(package, hashes):
    """A package's lines."""
    return " \\\n    --hash=sha256:".join((f"{package['name']}=={package['version']}", *hashes)) + "\n"


def requirements(machine, extra):
    """What setup.cfg asks for on a machine, one line a requirement."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = config["options"]["install_requires"].strip().splitlines()
    if machine == "armv7l":  # uv knows no such platform: 64-bit ARM stands in, and setup.py's rule picks the lines
        lines = [line.partition("; platform_machine ")[0] for line in lines
                 if "platform_machine" not in line or '== "armv7l"' in line]
    return lines + (config["options.extras_require"][extra].strip().splitlines() if extra else [])


def resolve(python, machine, lines, options):
    """The packages of a resolution, as a lock file of the standard's form has them.

    Notes
    -----
    uv leaves upper bounds on Python out of account, pip does not: a version that pip would refuse is ruled out, and the
    resolution is made again.
    """
    packages = compile_lines(python, machine, lines, options)
    refused = [f"{one['name']} !={one['version']}" for one in packages if not installable(one, python)]
    if refused:
        return resolve(python, machine, lines + refused, options)
    return [one for one in packages if machine != "armv7l" or one["name"] not in DEBIANS]


def compile_lines(python, machine, lines, options):
    """What uv makes of requirements."""
    platform = f"{machine.replace('armv7l', 'aarch64')}-manylinux_{GLIBC[machine]}"
    done = call("uv", "--quiet", "pip", "compile", "-", "--format=pylock.toml", "--no-header", "--only-binary=:all:",
                "--python-version", python, "--python-platform", platform, *options, input="\n".join(lines))
    return tomllib.loads(done)["packages"]


def installable(package, python):
    """Whether one of a package's wheels is for this Python by its own word."""
    names = {wheel["url"].rpartition("/")[2] for wheel in package["wheels"]}
    return any(index.admits(word, python) for name, word in index.files(package["name"]) if name in names)


def fitting(package):
    """The hashes of a package's wheels; the resolution names only those that fit."""
    return sorted(wheel["hashes"]["sha256"] for wheel in package["wheels"])


def armv7_hashes(python, packages):
    """{name: [hash]} of 32-bit ARM's wheels, as pip finds them. SystemExit where a package has none."""
    glibc = int(GLIBC["armv7l"].partition("_")[2])
    platforms = [f"--platform=manylinux_2_{minor}_armv7l" for minor in range(glibc, 16, -1)]
    report = call("pip", "--quiet", "install", "--dry-run", "--ignore-installed", "--no-deps", "--report=-",
                  "--target=nowhere", "--only-binary=:all:", "--python-version", python, *platforms,
                  *(f"{one['name']}=={one['version']}" for one in packages))
    return {canonicalize_name(found["metadata"]["name"]): [found["download_info"]["archive_info"]["hashes"]["sha256"]]
            for found in json.loads(report)["install"]}


def call(tool, *options, **more):
    """What a tool prints, asked the index that pip is configured for. SystemExit with the words of one that fails."""
    chosen = {"UV_DEFAULT_INDEX": index.address()} if index.address() else {}
    done = subprocess.run([sys.executable, "-m", tool, *map(str, options)], capture_output=True, text=True,
                          env={**chosen, **os.environ}, **more)
    if done.returncode:
        raise SystemExit(f"locks.py: {tool} failed:\n{done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    main()
