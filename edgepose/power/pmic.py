"""The power chip of the Raspberry Pi 5, which measures voltage and current of its own outputs.

Source: Raspberry Pi's documentation of `vcgencmd pmic_read_adc`: lines such as `VDD_CORE_A current(7)=0.75012000A` and
`VDD_CORE_V volt(15)=0.87659000V`; rails belong together by name, not by number. The 5 V input (EXT5V_V) has a voltage
and no current.
"""

import re

from edgepose.board import vcgencmd
from edgepose.errors import BoardError

_LINE = re.compile(r"(\w+)_([AV])\s+(?:current|volt)\(\d+\)=(-?[\d.]+)[AV]")


def find(root="/", ask_firmware=vcgencmd):
    """The reader, if the firmware of this board answers."""
    answer = ask_firmware("pmic_read_adc")
    if answer is None or not _rails(answer):
        return [], []
    return [PmicReader(ask_firmware)], []


class PmicReader:
    """Sum over all rails whose voltage and current are both measured, mW.

    Parameters
    ----------
    ask_firmware : callable of vcgencmd's arguments that gives its output or None
    """

    name, kind, period_ns = "pmic", "power", 500_000_000  # each look starts a process

    def __init__(self, ask_firmware):
        self._ask_firmware = ask_firmware
        self.covers = f"{len(_rails(ask_firmware('pmic_read_adc')))} rails behind the power chip; neither USB nor the" \
                      " chip's own losses"

    def read(self):
        """Power now, mW; BoardError when the firmware does not answer."""
        answer = self._ask_firmware("pmic_read_adc")
        rails = _rails(answer or "")
        if not rails:
            raise BoardError("vcgencmd pmic_read_adc: no answer that holds volts and amperes")
        return round(sum(volt * ampere for volt, ampere in rails.values()) * 1000)

    def close(self):
        """Nothing is held open."""

    def __repr__(self):
        return f"<PmicReader {self.covers}>"


def _rails(answer):
    """{rail: (V, A)} of those that have both."""
    found = {"A": {}, "V": {}}
    for rail, unit, number in _LINE.findall(answer):
        found[unit][rail] = float(number)
    return {rail: (volt, found["A"][rail]) for rail, volt in found["V"].items() if rail in found["A"]}
