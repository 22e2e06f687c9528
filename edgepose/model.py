"""Models: what a `manifest.toml` says, where the files are, and whether they are whole."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from edgepose import manifest, skeleton
from edgepose.errors import ModelError

DEFAULT = "movenet-lightning"
SCHEMA = "edgepose.model/1"


@dataclass(frozen=True)
class ModelFile:
    """One file of a model, as its manifest pins it.

    Attributes
    ----------
    address : str, where it is below the publisher's address; empty for a file that comes with edgepose or is made here
    way_out : str, what to do when the file is not whole
    """

    path: Path
    format: str
    size_bytes: int
    sha256: str
    address: str = ""
    way_out: str = "restore the file"

    def verify(self):
        """Raise ModelError unless the file has the pinned size and hash."""
        way_out = self.way_out
        if not self.path.is_file():
            raise ModelError(f"model file {self.path} is missing; {way_out}")
        size = self.path.stat().st_size
        if size != self.size_bytes:
            raise ModelError(f"model file {self.path} has {size} bytes, its manifest says {self.size_bytes}; {way_out}")
        if hashlib.sha256(self.path.read_bytes()).hexdigest() != self.sha256:
            raise ModelError(f"model file {self.path} is damaged: its sha256 is not its manifest's; {way_out}")

    @property
    def whole(self):
        """Whether `verify` would pass."""
        try:
            self.verify()
        except ModelError:
            return False
        return True


@dataclass(frozen=True)
class Input:
    """The network's input, uint8 NHWC: what it sees is (stored - zero_point) * scale."""

    height: int
    width: int
    channels: str
    pad: int
    scale: float
    zero_point: int


@dataclass(frozen=True)
class Output:
    """One quantised head: real = (stored - zero_point) * scale."""

    shape: tuple
    dtype: str
    scale: float
    zero_point: int


@dataclass(frozen=True)
class Origin:
    """Where a model's files come from when they do not come with edgepose, and what makes ours of them."""

    publisher: str
    licence: str
    converter: str


@dataclass(frozen=True)
class Model:
    """What a manifest says; see `models/README.md` for the file's keys."""

    name: str
    folder: Path
    summary: str
    licence: str
    source: str
    decoder: str
    skeleton: skeleton.Skeleton
    input: Input
    outputs: dict
    files: tuple
    decode: dict
    accuracy: dict
    pull: Origin = None

    @property
    def installed(self):
        """Whether it is here: it came with edgepose, or its first file has been pulled."""
        return self.pull is None or self.files[0].path.is_file()

    def file(self, format):
        """The path of the model's first file in a format, all of them verified.

        Raises
        ------
        ModelError : there is none, it is damaged, or the model has not been pulled
        """
        if not self.installed:
            raise ModelError(f"model {self.name} is not here yet; run `edgepose models pull {self.name}`")
        entries = [entry for entry in self.files if entry.format == format]
        for entry in entries:
            entry.verify()
        if entries:
            return entries[0].path
        formats = ", ".join(dict.fromkeys(entry.format for entry in self.files))
        raise ModelError(f"model {self.name} has no {format} file; it has {formats}")


def folders():
    """Where models are looked for, first hit wins: EDGEPOSE_MODELS, the package, the checkout around it."""
    package = Path(__file__).resolve().parent
    own = [Path(os.environ["EDGEPOSE_MODELS"])] if os.environ.get("EDGEPOSE_MODELS") else []
    return own + [package / "models", package.parent / "models"]


def pulled_folder():
    """Where pulled models are kept: EDGEPOSE_MODELS, else edgepose/models in the user's data folder."""
    if os.environ.get("EDGEPOSE_MODELS"):
        return Path(os.environ["EDGEPOSE_MODELS"])
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "edgepose" / "models"


def known():
    """Names of all models that there is a manifest of, installed or to be pulled, sorted."""
    return sorted({path.parent.name for folder in folders() for path in folder.glob("*/manifest.toml")})


def names():
    """Names of the installed models, sorted; one with a broken manifest counts, so that its fault shows."""
    return [name for name in known() if _is_installed(name)]


def _is_installed(name):
    try:
        return load(name).installed
    except ModelError:
        return True


def load(name):
    """The model of a name (or of a folder with a manifest); ModelError naming file and key when it is not sound."""
    for folder in [*(folder / name for folder in folders()), Path(name)]:
        if (folder / "manifest.toml").is_file():
            return read_manifest(folder / "manifest.toml")
    here = names()
    away = [other for other in known() if other not in here]
    raise ModelError(f"model {name!r} is not known; installed: {', '.join(here) or 'none'}"
                     + (f"; to be pulled: {', '.join(away)}" if away else ""))


def read_manifest(path):
    """Parse and check one manifest; every fault names the file and the key."""
    table = manifest.parse(path)
    schema = table.get("schema", str)
    if schema != SCHEMA:
        raise ModelError(f"{path}: schema: {schema!r} is not {SCHEMA!r}; this edgepose cannot read it")
    input, pull = table.table("input"), _pull(table)
    name, files = table.get("name", str), table.tables("files")
    home = _home(path.parent, name, pull, files[0].get("path", str))
    return Model(
        name=name, folder=path.parent, summary=table.get("summary", str),
        licence=table.get("licence", str), source=table.get("source", str), decoder=table.get("decoder", str),
        skeleton=_skeleton(table), decode=table.get("decode", dict), accuracy=table.get("accuracy", dict),
        input=Input(input.get("height", int), input.get("width", int), input.get("channels", str),
                    input.get("pad", int), input.get("scale", float), input.get("zero_point", int)),
        outputs={name: _output(table.table("outputs").table(name)) for name in table.get("outputs", dict)},
        files=tuple(_file(home, _way_out(name, pull), entry) for entry in files), pull=pull)


def _skeleton(table):
    try:
        return skeleton.find(table.get("skeleton", str))
    except ValueError as error:
        raise ModelError(f"{table.path}: skeleton: {error}") from error


def _output(table):
    shape = table.get("shape", list)
    return Output(tuple(shape), table.get("dtype", str), table.get("scale", float), table.get("zero_point", int))


def _pull(table):
    if not table.has("pull"):
        return None
    pull = table.table("pull")
    return Origin(pull.get("publisher", str), pull.get("licence", str), pull.get("converter", str))


def _home(folder, name, pull, first):
    """Where a model's files are: beside the manifest, unless it is pulled and they are not there."""
    return pulled_folder() / name if pull and not (folder / first).is_file() else folder


def _way_out(name, pull):
    return f"run `edgepose models pull {name}`" if pull else "reinstall edgepose, or restore the file"


def _file(home, way_out, table):
    address = table.get("address", str) if table.has("address") else ""
    return ModelFile(home / table.get("path", str), table.get("format", str), table.get("size_bytes", int),
                     table.get("sha256", str), address, way_out)
