"""Write a model's manifest: the same facts give the same bytes."""

import re

from fetch import sha256
from measure import PAD

TEMPLATE = """\
schema = "edgepose.model/1"
name = "movenet-lightning"
summary = "{summary}"
licence = "Apache-2.0"
source = "npm @vladmandic/human 3.3.6, models/movenet-lightning.{{json,bin}}; MoveNet SinglePose Lightning v4, Google"
decoder = "movenet"
skeleton = "coco17"

[input]
height = {height}
width = {width}
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
{outputs}
{decode}
[accuracy]
protocol = "crops"
dataset = "coco-dev (160 single-person images)"
float_ap = {float_ap}
int8_ap = {int8_ap}
peer_int8_ap = {peer_int8_ap}
command = "{command}"
"""
OUTPUT = """
[outputs.{key}]
shape = [{shape}]
dtype = "int8"
scale = {scale}
zero_point = {zero_point}
"""
DECODE = """\
[decode]
stride = 4
min_score = {min_score}
visible_score = 0.2
"""
MEAN_SCORE = 0.35  # of the keypoints, until presence is calibrated
SUMMARY = "One person, 17 COCO keypoints, 192x192 input; the fast default"


def manifest(network, path, accuracy, command):
    """The text of manifest.toml.

    Parameters
    ----------
    network : Network of the int8 file
    path : Path of that file
    accuracy : {"float_ap", "int8_ap", "peer_int8_ap": float}
    command : str, prints those numbers
    """
    _, height, width, _ = network.input["shape"]
    return TEMPLATE.format(
        summary=SUMMARY,
        height=height,
        width=width,
        pad=PAD,
        **affine_of(network.input),
        file=path.name,
        size_bytes=path.stat().st_size,
        sha256=sha256(path),
        outputs="".join(output_text(output) for output in network.outputs),
        **{key: round(value, 3) for key, value in accuracy.items()},
        command=command,
        decode=DECODE.format(min_score=MEAN_SCORE),
    )


def put_presence(path, block, min_score):
    """Write a `[decode.presence]` block, and the score from which somebody is there, into a manifest."""
    text = path.read_text()
    decode = DECODE.format(min_score=min_score) + "\n" + block + "\n"
    path.write_text(re.sub(r"^\[decode\].*?(?=^\[accuracy\])", lambda _: decode, text, flags=re.MULTILINE | re.DOTALL))


def output_text(output):
    """The section of one output."""
    shape = ", ".join(str(length) for length in output["shape"][1:])
    key = output["name"] if output["name"].isidentifier() else f'"{output["name"]}"'
    return OUTPUT.format(key=key, shape=shape, **affine_of(output))


def affine_of(detail):
    """Scale and zero point; the scale has as many digits as float32 needs."""
    scale, zero_point = detail["quantization"]
    return dict(scale=f"{scale:.9g}", zero_point=zero_point)
