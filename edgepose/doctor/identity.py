"""Which board this is, and which system is on it."""

import platform
import re

from edgepose.doctor.finding import fail, good, warn

TIERS = {"board": "proven on such a board", "emulated": "its instruction set is proven by emulation, the board is not",
         "expected": "expected to work, nobody has sent results yet", "unknown": "nothing is known of it"}
SEND = "edgepose doctor --record FILE writes what makes a profile of it; ports/README.md says where to send it"
WIDE = ("take the 64-bit system: 32-bit ARM has no wheels of numpy, OpenCV and OpenVINO (with Debian's packages it"
        " works on: ports/armv7/README.md)")

_NARROWED = {("aarch64", "armv7l"), ("x86_64", "i686")}
_RELEASE = re.compile(r"# R(\d+) \(release\), REVISION: ([\d.]+)")


def examine_board(place):
    """The board's name, its profile, and how sure we are of that."""
    board, model = place.board, model_of(place)
    profile = f"the profile of any {board.title} (ports/{board.name})"
    if not board.generic:
        return good(f"{model or board.title} (ports/{board.name}): {TIERS[board.tier]}")
    if board.name == "unknown":
        return fail(f"{model or 'a machine'} of architecture {place.machine}, for which edgepose is not made", SEND)
    if place.machine == "x86_64":
        return good(f"{model or cpu(place, 'model name') or 'a PC'}: {profile}, {TIERS[board.tier]}")
    return warn(f"unknown board{f' {model!r}' if model else ', firmware gives no name'}: {profile}, which pins no cores"
                " and names no sensor and no supply", f"it works as it is; {SEND}")


def describe(place):
    """{what: value} of the board for programs; None where the profiles themselves are broken."""
    try:
        board = place.board
    except Exception:  # the finding "board" says what is wrong
        return None
    return {"name": board.name, "title": board.title, "tier": board.tier, "generic": board.generic,
            "model": model_of(place), "machine": place.machine}


def model_of(place):
    """What firmware calls the board, or None."""
    from edgepose import board

    return board.model_of(place.root)


def examine_system(place):
    """The system's name, its kernel, and whether both have the same width."""
    system = value(place.text("etc/os-release"), "PRETTY_NAME", "=") or "unknown system"
    jetson = _RELEASE.search(place.text("etc/nv_tegra_release") or "")
    kernel = place.text("proc/sys/kernel/arch") or (platform.machine() if place.live else place.machine)
    names = [system] + ([f"Jetson Linux {jetson[1]}.{jetson[2]}"] if jetson else [])
    text = f"{', '.join(names)}, Linux {place.text('proc/sys/kernel/osrelease') or '(unknown)'} {kernel}"
    if (kernel, place.machine) in _NARROWED:
        return warn(f"32-bit programs ({place.machine}) on a 64-bit kernel; {text}", WIDE)
    return good(text)


def cpu(place, key):
    """The first value of a key in the kernel's description of the cores, or None."""
    return value(place.text("proc/cpuinfo"), key, ":")


def value(text, key, sign):
    """The first value of a key in lines of `key SIGN value`, or None."""
    pairs = (line.partition(sign) for line in (text or "").splitlines())
    return next((content.strip().strip('"') for name, _, content in pairs if name.strip() == key), None)
