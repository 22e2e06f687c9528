"""Lays out recorded trees of the kernel's files, see data/boards/README.md."""

import re
from pathlib import Path

BOARDS = Path(__file__).resolve().parent / "data" / "boards"
_LINE = re.compile(r"(\S.*?):(?: (.*))?")  # not every colon ends a path: soc:firmware, intel-rapl:0


def lay_out(name, folder):
    """Write a board's files below a folder; the folder."""
    return lay_out_text((BOARDS / f"{name}.txt").read_text(), folder)


def lay_out_text(text, folder):
    """Write the files of a recorded tree below a folder; the folder."""
    files = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            path, content = _LINE.fullmatch(line).groups("")
            end = "\0" if path.startswith("proc/device-tree/") else "\n"
            files[path] = files.get(path, "") + content + end
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return folder


def firmware(throttled="0x0"):
    """A vcgencmd of a Raspberry Pi 5."""
    answers = {"pmic_read_adc": (BOARDS / "pmic_read_adc.txt").read_text(), "get_throttled": f"throttled={throttled}\n"}
    return answers.get
