"""Models: what a `manifest.toml` says, where the files are, and whether they are whole."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from edgepose import skeleton
from edgepose.errors import ModelError

DEFAULT = "movenet-lightning"
SCHEMA = "edgepose.model/1"


@dataclass(frozen=True)
class ModelFile:
    """One file of a model, as its manifest pins it."""

    path: Path
    format: str
    size_bytes: int
    sha256: str

    def verify(self):
        """Raise ModelError unless the file has the pinned size and hash."""
        way_out = "reinstall edgepose, or restore the file"
        if not self.path.is_file():
            raise ModelError(f"model file {self.path} is missing; {way_out}")
        size = self.path.stat().st_size
        if size != self.size_bytes:
            raise ModelError(f"model file {self.path} has {size} bytes, its manifest says {self.size_bytes}; {way_out}")
        if hashlib.sha256(self.path.read_bytes()).hexdigest() != self.sha256:
            raise ModelError(f"model file {self.path} is damaged: its sha256 is not its manifest's; {way_out}")


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

    def file(self, format):
        """The path of the model's file in a format, verified; ModelError when there is none or it is damaged."""
        for entry in self.files:
            if entry.format == format:
                entry.verify()
                return entry.path
        raise ModelError(f"model {self.name} has no {format} file; it has {', '.join(f.format for f in self.files)}")


def folders():
    """Where models are looked for, first hit wins: EDGEPOSE_MODELS, the package, the checkout around it."""
    package = Path(__file__).resolve().parent
    own = [Path(os.environ["EDGEPOSE_MODELS"])] if os.environ.get("EDGEPOSE_MODELS") else []
    return own + [package / "models", package.parent / "models"]


def names():
    """Names of the installed models, sorted."""
    found = {manifest.parent.name for folder in folders() for manifest in folder.glob("*/manifest.toml")}
    return sorted(found)


def load(name):
    """The model of a name (or of a folder with a manifest); ModelError naming file and key when it is not sound."""
    for folder in [*(folder / name for folder in folders()), Path(name)]:
        if (folder / "manifest.toml").is_file():
            return read_manifest(folder / "manifest.toml")
    raise ModelError(f"model {name!r} is not known; installed: {', '.join(names()) or 'none'}")


def read_manifest(path):
    """Parse and check one manifest; every fault names the file and the key."""
    table = _Table(path, _parse(path))
    schema = table.get("schema", str)
    if schema != SCHEMA:
        raise ModelError(f"{path}: schema: {schema!r} is not {SCHEMA!r}; this edgepose cannot read it")
    input = table.table("input")
    return Model(
        name=table.get("name", str), folder=path.parent, summary=table.get("summary", str),
        licence=table.get("licence", str), source=table.get("source", str), decoder=table.get("decoder", str),
        skeleton=_skeleton(table), decode=table.get("decode", dict), accuracy=table.get("accuracy", dict),
        input=Input(input.get("height", int), input.get("width", int), input.get("channels", str),
                    input.get("pad", int), input.get("scale", float), input.get("zero_point", int)),
        outputs={name: _output(table.table("outputs").table(name)) for name in table.get("outputs", dict)},
        files=tuple(_file(path.parent, entry) for entry in table.tables("files")))


def _parse(path):
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: not a readable manifest: {error}") from error


def _skeleton(table):
    try:
        return skeleton.find(table.get("skeleton", str))
    except ValueError as error:
        raise ModelError(f"{table.path}: skeleton: {error}") from error


def _output(table):
    shape = table.get("shape", list)
    return Output(tuple(shape), table.get("dtype", str), table.get("scale", float), table.get("zero_point", int))


def _file(folder, table):
    return ModelFile(folder / table.get("path", str), table.get("format", str), table.get("size_bytes", int),
                     table.get("sha256", str))


class _Table:
    """A TOML table that knows where it stands, so that a fault can name file and key."""

    def __init__(self, path, values, prefix=""):
        self.path, self.values, self.prefix = path, values, prefix

    def get(self, key, kind):
        """The value of a key; ModelError when it is missing or not of the kind."""
        where = f"{self.path}: {self.prefix}{key}"
        if key not in self.values:
            raise ModelError(f"{where} is missing; it takes a {_KIND_NAMES[kind]}")
        value = self.values[key]
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise ModelError(f"{where} is {value!r}; it takes a {_KIND_NAMES[kind]}")
        return value

    def table(self, key):
        return _Table(self.path, self.get(key, dict), f"{self.prefix}{key}.")

    def tables(self, key):
        entries = self.get(key, list)
        if not entries or not all(isinstance(entry, dict) for entry in entries):
            raise ModelError(f"{self.path}: {self.prefix}{key} is {entries!r}; it takes one or more [[{key}]] tables")
        return [_Table(self.path, entry, f"{self.prefix}{key}[{i}].") for i, entry in enumerate(entries)]


_KIND_NAMES = {str: "string", int: "whole number", float: "number", dict: "table", list: "list"}
