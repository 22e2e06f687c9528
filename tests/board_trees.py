"""Lays out recorded trees of the kernel's files, see data/boards/README.md."""

from pathlib import Path

from edgepose.doctor import tree

BOARDS = Path(__file__).resolve().parent / "data" / "boards"


def lay_out(name, folder):
    """Write a board's files below a folder; the folder."""
    return lay_out_text((BOARDS / f"{name}.txt").read_text(), folder)


def lay_out_text(text, folder):
    """Write the files of a recorded tree below a folder; the folder."""
    tree.lay_out_text(text, folder)
    return folder


def firmware(throttled="0x0"):
    """A vcgencmd of a Raspberry Pi 5."""
    answers = {"pmic_read_adc": (BOARDS / "pmic_read_adc.txt").read_text(), "get_throttled": f"throttled={throttled}\n"}
    return answers.get
