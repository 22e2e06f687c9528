"""Lays out recorded trees of the kernel's files, see data/boards/README.md."""

from pathlib import Path

BOARDS = Path(__file__).resolve().parent / "data" / "boards"


def lay_out(name, folder):
    """Write a board's files below a folder; the folder."""
    for line in (BOARDS / f"{name}.txt").read_text().splitlines():
        path, _, content = line.partition(": ")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content + "\n")
    return folder


def firmware(throttled="0x0"):
    """A vcgencmd of a Raspberry Pi 5."""
    answers = {"pmic_read_adc": (BOARDS / "pmic_read_adc.txt").read_text(), "get_throttled": f"throttled={throttled}\n"}
    return answers.get
