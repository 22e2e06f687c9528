"""Boards as tests make them up."""

from dataclasses import replace

from edgepose.board.profile import Board, Camera, Cores, Defaults, Detect, Memory, Power, Thermal

PLAIN = Board("made-up", "Made-up Board", "expected", Detect(("aarch64",), ("Made-up *",)), Cores(4, (), 1),
              Defaults("movenet-lightning", "auto"), Power("none", 0, 0), Thermal("", 0, "none"),
              Camera("/dev/video0", 640, 480, 10.0), Memory(400))

#: A profile as a file has it.
PROFILE = """\
title = "Board with a camera"
tier = "expected"
[detect]
model = ["Some Board *"]
compatible = ["maker,board"]
machine = ["aarch64", "armv7l"]
[cores]
n = 4
pin = [1, 2, 3]
threads = 3
[defaults]
model = "movenet-lightning"
backend = "tflite"
[power]
sensor = "pmic"
supply_mv = 5000
supply_ma = 5000
[thermal]
zone = "cpu-thermal"
throttle_mc = 80000
flags = "firmware"
[camera]
source = "picamera:0"
width = 640
height = 480
fps = 10
[memory]
budget_mb = 400
"""


def made(name="made-up", machine=("aarch64",), model=(), compatible=(), **parts):
    """A Board that is told apart in some way."""
    return replace(PLAIN, name=name, detect=Detect(machine, model, compatible), **parts)


def write_profile(folder, text=PROFILE, name="some-board"):
    """Write a profile below a folder of profiles; its file."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "board.toml").write_text(text)
    return folder / name / "board.toml"
