"""Recorded trees: the kernel's files of a machine as one text, `path: content` a line, tests/data/boards/README.md.

A file of several lines has as many lines with its path. Strings of the device tree, which zero bytes end, are a line
each.
"""

import re
from pathlib import Path

from edgepose.doctor import files
from edgepose.errors import ConfigError

_LINE = re.compile(r"(\S.*?):(?: (.*))?")  # not every colon ends a path: soc:firmware, intel-rapl:0
_HARDWARE_ADDRESS = re.compile(r"\b([0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE)
HEAD = ("# The kernel's files of a machine, written by edgepose doctor --record; one line each, nothing else.",
        "# Please read through it before you send it, see ports/README.md.")


def record(place):
    """The text of a place's files: a fixed list of them (`files.FILES`), and two answers that no file gives."""
    texts = {path: _read(file, place.root / path) for path, file in place.files.items()}
    if place.live:
        texts |= _answers(place, texts)
    lines = [f"{path}: {line}".rstrip() for path, text in texts.items() if text is not None
             for line in re.split(r"[\0\n]", text.strip("\0\n"))]
    return "\n".join([*HEAD, *(line for line in lines if not _HARDWARE_ADDRESS.search(line))]) + "\n"


def _read(file, path):
    try:
        text = files.read(file, path).expandtabs(1)
        return "".join(char for char in text if char in "\0\n" or char.isprintable())
    except OSError:
        return None


def _answers(place, texts):
    """What user space is, and what the firmware of a Raspberry Pi says."""
    flags, adc = place.vitals.firmware_flags(), place.ask_firmware("pmic_read_adc")
    found = {"edgepose/userland": place.machine}
    if flags is not None and not any("get_throttled" in path for path in texts):
        found["sys/devices/platform/soc/soc:firmware/get_throttled"] = f"{flags:x}"
    return found | ({"edgepose/pmic_read_adc": adc} if adc else {})


def lay_out(source, folder):
    """Write the files of a recorded tree below a folder.

    Parameters
    ----------
    source : path of the text
    folder : path, which must exist

    Raises
    ------
    ConfigError : it cannot be read, or a line is none of `path: content`, or leads out of the folder
    """
    try:
        text = Path(source).read_text(errors="replace")
    except OSError as error:
        raise ConfigError(f"{source}: cannot be read: {error.strerror}") from error
    lay_out_text(text, folder, source)


def lay_out_text(text, folder, source="recorded tree"):
    """Write the files of a recorded tree's text below a folder; ConfigError as above, with the source's name."""
    contents = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            path, content = _parse(line, f"{source}:{number}")
            contents[path] = contents.get(path, "") + content
    for path, content in contents.items():
        _write(folder / path, content, source)


def _parse(line, where):
    match = _LINE.fullmatch(line)
    if match is None or "\0" in match[1] or match[1].startswith("/") or ".." in match[1].split("/"):
        raise ConfigError(f"{where}: not a line of a recorded tree, such as `proc/meminfo: MemTotal: 425132 kB`")
    return match[1], match.groups("")[1] + ("\0" if match[1].startswith("proc/device-tree/") else "\n")


def _write(path, text, source):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        raise ConfigError(f"{source}: {path.name}: {error.strerror}; is one path the folder of another?") from error
