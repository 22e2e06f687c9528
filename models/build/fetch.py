"""Fetch the published weights: one npm package, pinned, checked, cached."""

import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

PACKAGE = "@vladmandic/human@3.3.6"
TARBALL = "vladmandic-human-3.3.6.tgz"
TARBALL_SHA256 = "425e9c51dbbca0c8934362b170cb0d54c2529c11c654b3c03092b16e9d6ad3f7"
MEMBERS = ("package/models/movenet-lightning.json", "package/models/movenet-lightning.bin")


class FetchError(RuntimeError):
    """The published weights could not be had, or are not what was pinned."""


def cache_dir():
    """The folder for downloads: EDGEPOSE_CACHE, else ~/.cache/edgepose."""
    return Path(os.environ.get("EDGEPOSE_CACHE", Path.home() / ".cache" / "edgepose"))


def sha256(path):
    """Hex digest of one file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def fetch_weights():
    """Path of the TFJS graph model's JSON; its .bin lies beside it.

    Raises
    ------
    FetchError : npm is missing or failed, or the package has another digest
    """
    tarball = cache_dir() / TARBALL
    if not tarball.exists():
        download(tarball)
    verify(tarball)
    return unpack(tarball)


def download(tarball):
    """Let npm fetch the pinned package into the cache."""
    tarball.parent.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", PACKAGE, "--silent", "--pack-destination", str(tarball.parent)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise FetchError(f"npm is not installed; install it, or put {TARBALL} into {tarball.parent}") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise FetchError(f"npm could not fetch {PACKAGE}: {last}") from None


def verify(tarball):
    """Refuse a package whose digest is not the pinned one."""
    found = sha256(tarball)
    if found != TARBALL_SHA256:
        raise FetchError(f"{tarball}: sha256 is {found}, expected {TARBALL_SHA256}; delete it and run again")


def unpack(tarball):
    """Extract the two model files beside the tarball."""
    folder = tarball.parent / TARBALL.removesuffix(".tgz")
    folder.mkdir(exist_ok=True)
    with tarfile.open(tarball) as archive:
        for member in MEMBERS:
            (folder / Path(member).name).write_bytes(archive.extractfile(member).read())
    return folder / Path(MEMBERS[0]).name
