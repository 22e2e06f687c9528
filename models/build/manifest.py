"""Write a model's manifest, section by section: the same facts give the same bytes."""

import re

from fetch import PACKAGE, VERSION, sha256

PAD = 0
MEAN_SCORE = 0.35  # of the keypoints, until presence is calibrated
HEAD = """\
schema = "edgepose.model/1"
name = "{name}"
summary = "{summary}"
licence = "Apache-2.0"
source = "npm {package} {version}, models/{name}.{{json,bin}}; {title} v4, Google"
decoder = "movenet"
skeleton = "coco17"

[input]
height = {size}
width = {size}
channels = "bgr"
pad = {pad}
dtype = "uint8"
scale = {scale}
zero_point = {zero_point}

[[files]]
path = "{file}"
format = "tflite"
size_bytes = {size_bytes}
sha256 = "{sha256}"
"""
OUTPUT = """
[outputs.{key}]
shape = [{shape}]
dtype = "int8"
scale = {scale}
zero_point = {zero_point}
"""
DECODE = """
[decode]
stride = 4
min_score = {min_score}
visible_score = 0.2
"""


def write_manifest(recipe, network):
    """Write a new manifest, without presence and accuracy yet.

    Parameters
    ----------
    recipe : recipes.Recipe
    network : Network of the int8 file, which is in its folder already
    """
    path = recipe.folder / recipe.file
    head = HEAD.format(
        **vars(recipe),
        file=recipe.file,
        package=PACKAGE,
        version=VERSION,
        pad=PAD,
        size_bytes=path.stat().st_size,
        sha256=sha256(path),
        **affine_of(network.input),
    )
    outputs = "".join(output_text(output) for output in network.outputs)
    text = head + outputs + DECODE.format(min_score=MEAN_SCORE) + "\n[accuracy]\n"
    (recipe.folder / "manifest.toml").write_text(text)


def put_presence(path, block, min_score):
    """Write a `[decode.presence]` block, and the score from which somebody is there, into a manifest."""
    put_section(path, "decode", DECODE.format(min_score=min_score).lstrip() + "\n" + block)


def put_section(path, name, text):
    """Put text in the place of one top-level section of a manifest, its sub-sections included."""
    section = rf"^\[{name}[].].*?(?=^\[(?!{name}[].])|\Z)"
    found, count = re.subn(section, lambda _: text.rstrip() + "\n\n", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    if count != 1:
        raise SystemExit(f"{path}: has {count} sections [{name}], expected one; write it anew with build.py")
    path.write_text(found.rstrip() + "\n")


def output_text(output):
    """The section of one output."""
    shape = ", ".join(str(length) for length in output["shape"][1:])
    key = output["name"] if output["name"].isidentifier() else f'"{output["name"]}"'
    return OUTPUT.format(key=key, shape=shape, **affine_of(output))


def affine_of(detail):
    """Scale and zero point; the scale has as many digits as float32 needs."""
    scale, zero_point = detail["quantization"]
    return dict(scale=f"{scale:.9g}", zero_point=zero_point)
